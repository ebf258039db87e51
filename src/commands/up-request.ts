/**
 * The flags that decide what `up` would do, shared with `plan`, and the request they make.
 */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { UpRequest } from '../engine/engine.ts';
import { type PullPolicy, parsePullPolicy } from '../model/pull-policy.ts';
import { parseScale } from './parse-scale.ts';
import { isSet, loadFromFlags, parallelLimit, STACK_FLAGS, type StackFlagValues, secondsToMs } from './stack-flags.ts';

/** How containers are made: of `create` too. */
export const MAKING_FLAGS = {
  'force-recreate': Flags.boolean({ summary: 'make all containers anew', exclusive: ['no-recreate'] }),
  'no-recreate': Flags.boolean({ summary: 'leave containers that exist as they are' }),
  'remove-orphans': Flags.boolean({ summary: 'remove containers of services that the file no longer has' }),
  scale: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'SERVICE=N: replicas, instead of the file' }),
  pull: Flags.string({ summary: 'always, missing, never: instead of what the file says (policy)' }),
  'quiet-pull': Flags.boolean({ summary: 'do not show how far pulls are' }),
  'quiet-build': Flags.boolean({ summary: 'do not show how far builds are' }),
  yes: Flags.boolean({ char: 'y', summary: 'answer yes to every question' }),
};

/** Images of services that are built. */
export const BUILD_FLAGS = {
  build: Flags.boolean({ summary: 'build images before', exclusive: ['no-build'] }),
  'no-build': Flags.boolean({ summary: 'build no image, even if it is not there' }),
  'quiet-build': Flags.boolean({ summary: 'show nothing of builds' }),
};

export const UP_REQUEST_FLAGS = {
  ...STACK_FLAGS,
  ...MAKING_FLAGS,
  wait: Flags.boolean({ summary: 'return when everything runs and is healthy; implies --detach' }),
  'wait-timeout': Flags.integer({ summary: 'give up waiting after this many seconds' }),
  'no-deps': Flags.boolean({ summary: 'leave alone what the services depend on' }),
  'always-recreate-deps': Flags.boolean({
    summary: 'make containers of what the services depend on anew',
    exclusive: ['no-recreate'],
  }),
  'renew-anon-volumes': Flags.boolean({
    char: 'V',
    summary: 'new anonymous volumes for containers that are made anew',
  }),
  'no-start': Flags.boolean({ summary: 'create, but do not start' }),
  timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
};

export type UpRequestFlagValues = StackFlagValues & {
  readonly wait?: boolean;
  readonly 'wait-timeout'?: number;
  readonly 'force-recreate'?: boolean;
  readonly 'no-recreate'?: boolean;
  readonly 'no-deps'?: boolean;
  readonly 'always-recreate-deps'?: boolean;
  readonly 'no-start'?: boolean;
  readonly 'renew-anon-volumes'?: boolean;
  readonly 'remove-orphans'?: boolean;
  readonly scale?: string[];
  readonly pull?: string;
  readonly timeout?: number;
};

/** Were details of pulls or builds switched off? */
export function isTerse(flags: { readonly 'quiet-pull': boolean; readonly 'quiet-build': boolean }): boolean {
  return flags['quiet-pull'] || flags['quiet-build'];
}

/** Reads the stack files and makes the request of them and the flags. */
export async function upRequest(flags: UpRequestFlagValues, services: readonly string[]): Promise<UpRequest> {
  const { stack, positions, secrets, providers } = await loadFromFlags(flags, services);
  return {
    stack,
    positions,
    secrets,
    ...(providers.length > 0 && { providers }),
    services,
    noDeps: flags['no-deps'],
    forceRecreate: flags['force-recreate'],
    noRecreate: flags['no-recreate'],
    /* Who names a service wants it to run. */
    rerun: services,
    alwaysRecreateDeps: flags['always-recreate-deps'],
    /* Variables stand for flags that are not given. */
    removeOrphans: flags['remove-orphans'] || isSet('COMPOSE_REMOVE_ORPHANS'),
    ignoreOrphans: isSet('COMPOSE_IGNORE_ORPHANS'),
    allResources: isSet('BERTH_ALL_RESOURCES'),
    parallel: parallelLimit(),
    pull: parsePull(flags.pull),
    noStart: flags['no-start'],
    renewVolumes: flags['renew-anon-volumes'],
    scale: parseScale('--scale', flags.scale ?? []),
    wait: flags.wait,
    waitTimeoutMs: secondsToMs(flags['wait-timeout']),
    graceMs: secondsToMs(flags.timeout),
  };
}

/** `--pull`; undefined: as the file says. */
export function parsePull(text: string | undefined): PullPolicy | undefined {
  if (text === undefined || text === 'policy') return undefined;
  const policy = parsePullPolicy(text);
  if (policy !== undefined) return policy;
  throw new BerthError('USAGE', `--pull is ${text}`, { hint: 'it is always, missing, never or policy' });
}
