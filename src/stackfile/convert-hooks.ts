/**
 * pre_start, post_start and pre_stop of a service. Compose Specification, 05-services.
 */
import type { Hook, StartHook } from '../model/stack.ts';
import { booleanOr, type Conversion, itemsOf, mappingOf, type Raw, rawOf, textOr } from './conversion.ts';
import { splitWords } from './shell-words.ts';

export function convertHooks(conversion: Conversion, service: Raw, path: string) {
  return {
    preStart: itemsOf(service.pre_start).map(([index, item]) =>
      startHook(conversion, rawOf(item), `${path}.pre_start[${index}]`),
    ),
    postStart: hooksOf(conversion, service, { key: 'post_start', path }),
    preStop: hooksOf(conversion, service, { key: 'pre_stop', path }),
  };
}

type Place = { readonly key: 'post_start' | 'pre_stop'; readonly path: string };

function hooksOf(conversion: Conversion, service: Raw, { key, path }: Place): Hook[] {
  return itemsOf(service[key]).map(([index, item]) => {
    const place = `${path}.${key}[${index}]`;
    const hook = hookOf(conversion, rawOf(item), place);
    if (hook.command.length === 0) conversion.report.error(place, `${place} has nothing to run`, 'write its `command`');
    return hook;
  });
}

/** One command to run in a container, at `path`. */
export function hookOf({ report }: Conversion, raw: Raw, path: string): Hook {
  const words = Array.isArray(raw.command) ? raw.command.map(String) : splitWords(textOr(raw.command, ''));
  if (!words) report.error(`${path}.command`, 'a quote is not closed', 'close it, or write the command as a list');
  return {
    command: words ?? [],
    user: textOr(raw.user, null),
    privileged: booleanOr(raw.privileged, false),
    workingDir: textOr(raw.working_dir, null),
    environment: Object.fromEntries(mappingOf(raw.environment).map(([key, value]) => [key, value ?? ''])),
  };
}

function startHook(conversion: Conversion, raw: Raw, path: string): StartHook {
  return {
    ...hookOf(conversion, raw, path),
    image: textOr(raw.image, null),
    perReplica: booleanOr(raw.per_replica, false),
  };
}
