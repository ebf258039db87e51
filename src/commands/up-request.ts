/**
 * The flags that decide what `up` would do, shared with `plan`, and the request they make.
 */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { UpRequest } from '../engine/engine.ts';
import { loadFromFlags, STACK_FLAGS, type StackFlagValues, secondsToMs } from './stack-flags.ts';

export const UP_REQUEST_FLAGS = {
  ...STACK_FLAGS,
  wait: Flags.boolean({ summary: 'return when everything runs and is healthy; implies --detach' }),
  'wait-timeout': Flags.integer({ summary: 'give up waiting after this many seconds' }),
  'force-recreate': Flags.boolean({ summary: 'make all containers anew', exclusive: ['no-recreate'] }),
  'no-recreate': Flags.boolean({ summary: 'leave containers that exist as they are' }),
  'no-deps': Flags.boolean({ summary: 'leave alone what the services depend on' }),
  'no-start': Flags.boolean({ summary: 'create, but do not start' }),
  'remove-orphans': Flags.boolean({ summary: 'remove containers of services that the file no longer has' }),
  scale: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'SERVICE=N: replicas, instead of the file' }),
  timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
};

export type UpRequestFlagValues = StackFlagValues & {
  readonly wait?: boolean;
  readonly 'wait-timeout'?: number;
  readonly 'force-recreate'?: boolean;
  readonly 'no-recreate'?: boolean;
  readonly 'no-deps'?: boolean;
  readonly 'no-start'?: boolean;
  readonly 'remove-orphans'?: boolean;
  readonly scale?: string[];
  readonly timeout?: number;
};

/** Reads the stack files and makes the request of them and the flags. */
export async function upRequest(flags: UpRequestFlagValues, services: readonly string[]): Promise<UpRequest> {
  const { stack, positions } = await loadFromFlags(flags, services);
  return {
    stack,
    positions,
    services,
    noDeps: flags['no-deps'],
    forceRecreate: flags['force-recreate'],
    noRecreate: flags['no-recreate'],
    removeOrphans: flags['remove-orphans'],
    noStart: flags['no-start'],
    scale: parseScale(flags.scale ?? []),
    wait: flags.wait,
    waitTimeoutMs: secondsToMs(flags['wait-timeout']),
    graceMs: secondsToMs(flags.timeout),
  };
}

function parseScale(values: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    values.map((text) => {
      const [, service, count] = /^([^=]+)=(\d+)$/.exec(text) ?? [];
      if (service === undefined) throw new BerthError('USAGE', `--scale ${text} is not SERVICE=N`);
      return [service, Number(count)] as const;
    }),
  );
}
