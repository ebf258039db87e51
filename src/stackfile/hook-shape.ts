/**
 * The shapes of hooks and of `develop`. Compose Specification, 05-services and develop.
 */
import {
  attr,
  boolean,
  command,
  list,
  object,
  openMapping,
  plainBoolean,
  type Shape,
  text,
  textOrList,
  words,
} from './shape.ts';

const HOOK: Readonly<Record<string, Shape>> = {
  command: attr('what to run', ['./warm-up.sh'], command),
  user: attr('who runs it', 'root', text),
  privileged: attr('with all capabilities', true, boolean, false),
  working_dir: attr('folder it starts in', '/app', text),
  environment: attr('further variables', { MODE: 'warm' }, openMapping),
};

export const hook = object(HOOK, ['command']);

export const preStart = object({
  ...HOOK,
  image: attr("instead of the service's image", 'migrate:1', text),
  per_replica: attr('once for each container instead of once', true, boolean, false),
});

const ACTIONS = ['rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'];

export const develop = object({
  watch: attr(
    'what to do when which files change',
    [{ path: './src', action: 'sync', target: '/app/src' }],
    list(
      object(
        {
          path: attr('file or folder to watch', './src', text),
          action: attr('what to do', 'sync', words(...ACTIONS)),
          target: attr('where changed files go in the container', '/app/src', text),
          ignore: attr('patterns that are left out', ['node_modules/'], textOrList),
          include: attr('patterns that alone count', ['*.ts'], textOrList),
          initial_sync: attr('copy everything at the start', true, plainBoolean, false),
          exec: attr('what to run after a sync', { command: 'reload' }, hook),
        },
        ['path', 'action'],
      ),
    ),
  ),
});
