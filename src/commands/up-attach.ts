/**
 * Flags of an attached `up`: whose logs are shown, and when it ends.
 */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { UpRequest } from '../engine/engine.ts';
import type { AttachedView } from '../ui/attached-up.ts';
import { TEXT_SHAPE } from '../ui/log-printer.ts';
import type { WatchSwitch } from '../ui/watch-switch.ts';
import { isTerse } from './up-request.ts';

const names = { multiple: true, multipleNonGreedy: true } as const;

export const ATTACHED_FLAGS = {
  attach: Flags.string({ ...names, summary: 'show only the log of this service', exclusive: ['attach-dependencies'] }),
  'no-attach': Flags.string({ ...names, summary: 'do not show the log of this service' }),
  'attach-dependencies': Flags.boolean({ summary: 'show the logs of what the services depend on too' }),
  'abort-on-container-exit': Flags.boolean({
    summary: 'stop everything as soon as a container ends',
    exclusive: ['detach'],
  }),
  'abort-on-container-failure': Flags.boolean({
    summary: 'stop everything as soon as a container ends with another exit code than 0',
    exclusive: ['detach', 'abort-on-container-exit'],
  }),
  'exit-code-from': Flags.string({
    summary: 'end with the exit code of this service; implies --abort-on-container-exit',
    exclusive: ['detach'],
  }),
  menu: Flags.boolean({ allowNo: true, summary: 'take keys while the logs are shown (COMPOSE_MENU)' }),
  timestamps: Flags.boolean({ summary: 'show the time of each log line' }),
  'no-log-prefix': Flags.boolean({ summary: 'log lines without the name of their service' }),
  'no-color': Flags.boolean({ summary: 'log lines without colours' }),
};

export type AttachedFlagValues = {
  readonly 'quiet-pull': boolean;
  readonly 'quiet-build': boolean;
  readonly attach?: string[];
  readonly 'no-attach'?: string[];
  readonly 'attach-dependencies': boolean;
  readonly 'abort-on-container-exit': boolean;
  readonly 'abort-on-container-failure': boolean;
  readonly 'exit-code-from'?: string;
  readonly menu?: boolean;
  readonly timestamps: boolean;
  readonly 'no-log-prefix': boolean;
  readonly 'no-color': boolean;
};

/** SERVICE_NOT_FOUND for a name that the stack has not. */
export function attachedView(
  flags: AttachedFlagValues,
  request: UpRequest,
  watch: WatchSwitch | null,
): Omit<AttachedView, 'reconnect'> {
  const exitCodeFrom = flags['exit-code-from'] ?? null;
  const given = [
    ...(flags.attach ?? []),
    ...(flags['no-attach'] ?? []),
    ...(exitCodeFrom === null ? [] : [exitCodeFrom]),
  ];
  for (const name of given) refuseUnknown(request, name);
  const onExit = flags['abort-on-container-exit'] || exitCodeFrom !== null;
  return {
    format: {
      timestamps: flags.timestamps,
      prefix: !flags['no-log-prefix'],
      color: !flags['no-color'],
      follow: true,
      shape: TEXT_SHAPE,
    },
    services: shownServices(flags, request),
    abortOn: onExit ? 'exit' : flags['abort-on-container-failure'] ? 'failure' : null,
    exitCodeFrom,
    watch,
    terse: isTerse(flags),
    menu: flags.menu ?? !/^(0|f|false|n|no|off)$/i.test(process.env.COMPOSE_MENU ?? ''),
  };
}

/** What runs again although it has completed: what `up` is to end with. */
export function endingServices(flags: AttachedFlagValues, { stack }: UpRequest): readonly string[] {
  if (flags['exit-code-from'] !== undefined) return [flags['exit-code-from']];
  if (!(flags['abort-on-container-exit'] || flags['abort-on-container-failure'])) return [];
  const awaited = new Set(stack.services.flatMap((s) => s.dependsOn.map((d) => d.service)));
  return stack.services.map((s) => s.name).filter((name) => !awaited.has(name));
}

function refuseUnknown({ stack }: UpRequest, name: string): void {
  if (stack.services.some((service) => service.name === name)) return;
  throw new BerthError('SERVICE_NOT_FOUND', `stack ${stack.name} has no service ${name}`, {
    hint: `its services are ${stack.services.map((service) => service.name).join(', ')}`,
  });
}

/** What was asked for by name; else all but those that say `attach: false`. */
function shownServices(flags: AttachedFlagValues, { stack, services }: UpRequest): string[] {
  const hidden = new Set(flags['no-attach']);
  const isNamed = (name: string) => services.length === 0 || services.includes(name) || flags['attach-dependencies'];
  const wanted = flags.attach
    ? stack.services.filter((s) => flags.attach?.includes(s.name))
    : stack.services.filter((s) => s.attach && isNamed(s.name));
  return wanted.map((s) => s.name).filter((name) => !hidden.has(name));
}
