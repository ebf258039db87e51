/** `berth up`: the stack as its file says, attached to its logs or in the background. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { ContainerSummary, Engine, UpRequest } from '../engine/engine.ts';
import type { Plan } from '../engine/plan.ts';
import { followAttached } from '../ui/attached-up.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { planLines } from '../ui/print-plan.ts';
import { showProgress } from '../ui/show-progress.ts';
import { upSummaryLines } from '../ui/up-summary.ts';
import { BerthCommand } from './berth-command.ts';
import { loadFromFlags, STACK_FLAGS, secondsToMs } from './stack-flags.ts';

export default class Up extends BerthCommand {
  static override summary = 'create and start the stack, or bring it to what its file says now';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services and what they depend on' }) };
  static override flags = {
    ...STACK_FLAGS,
    detach: Flags.boolean({ char: 'd', summary: 'return when everything has been started' }),
    wait: Flags.boolean({ summary: 'return when everything runs and is healthy; implies --detach' }),
    'wait-timeout': Flags.integer({ summary: 'give up waiting after this many seconds' }),
    'dry-run': Flags.boolean({ summary: 'print the plan and change nothing' }),
    'force-recreate': Flags.boolean({ summary: 'make all containers anew', exclusive: ['no-recreate'] }),
    'no-recreate': Flags.boolean({ summary: 'leave containers that exist as they are' }),
    'no-deps': Flags.boolean({ summary: 'leave alone what the services depend on' }),
    'no-start': Flags.boolean({ summary: 'create, but do not start' }),
    'remove-orphans': Flags.boolean({ summary: 'remove containers of services that the file no longer has' }),
    scale: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'SERVICE=N: replicas, instead of the file',
    }),
    timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
    timestamps: Flags.boolean({ summary: 'show the time of each log line' }),
    'no-log-prefix': Flags.boolean({ summary: 'log lines without the name of their service' }),
  };
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up -d --wait',
    '<%= config.bin %> up --dry-run',
  ];

  async run(): Promise<Plan | { readonly plan: Plan; readonly containers: readonly ContainerSummary[] }> {
    const { flags, argv } = await this.parse(Up);
    const services = argv as string[];
    const { stack, positions } = await loadFromFlags(flags, services);
    const request: UpRequest = {
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
    const engine = await this.engine();
    if (flags['dry-run']) {
      const plan = await engine.plan(request);
      this.print(planLines(plan));
      return plan;
    }
    const detached = flags.detach || flags.wait || flags['no-start'] || this.jsonEnabled();
    if (detached) return await this.upDetached(engine, request);
    const format = { timestamps: flags.timestamps, prefix: !flags['no-log-prefix'], color: true };
    return await followAttached(engine, request, format);
  }

  private async upDetached(engine: Engine, request: UpRequest) {
    const interrupt = listenForInterrupt('ending: what has been started stays up; Ctrl-C again to leave at once');
    try {
      const result = await showProgress({ signal: interrupt.signal, quiet: this.jsonEnabled() }, (watch) =>
        engine.up(request, watch),
      );
      this.print(upSummaryLines(result));
      return result;
    } finally {
      interrupt.close();
    }
  }
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
