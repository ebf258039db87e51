/** `berth up`: the stack as its file says, attached to its logs or in the background. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { isPlainUp, upKey } from '../api/up-key.ts';
import type { ContainerSummary } from '../engine/answers.ts';
import type { Engine, UpRequest } from '../engine/engine.ts';
import type { Plan } from '../engine/plan.ts';
import { nothingToWatch } from '../engine/watching/nothing-to-watch.ts';
import { inputsRead, recordInputs } from '../stackfile/input-files.ts';
import { followAttached } from '../ui/attached-up.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { planLines } from '../ui/print-plan.ts';
import { showProgress } from '../ui/show-progress.ts';
import { upSummaryLines } from '../ui/up-summary.ts';
import { watchSummary } from '../ui/watch-lines.ts';
import { watchSwitch } from '../ui/watch-switch.ts';
import { askProviders, namesOnlyProviders, planWithProviders } from './ask-providers.ts';
import { BerthCommand } from './berth-command.ts';
import { buildImages } from './build-services.ts';
import { planExitCode, readPlanFile } from './plan-file.ts';
import { stackFileLines } from './stack-file-lines.ts';
import { ATTACHED_FLAGS, attachedView, endingServices } from './up-attach.ts';
import { BUILD_FLAGS, isTerse, UP_REQUEST_FLAGS, upRequest } from './up-request.ts';
import { watchRequest } from './watch-request.ts';

export default class Up extends BerthCommand {
  static override summary = 'create and start the stack, or bring it to what its file says now';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services and what they depend on' }) };
  static override flags = {
    ...UP_REQUEST_FLAGS,
    ...BUILD_FLAGS,
    ...ATTACHED_FLAGS,
    detach: Flags.boolean({ char: 'd', summary: 'return when everything has been started' }),
    watch: Flags.boolean({
      char: 'w',
      summary: 'act on changes of files as `develop.watch` says; with -d in the background',
    }),
    'dry-run': Flags.boolean({ summary: 'print the plan and change nothing; exit code 2: there are changes' }),
    plan: Flags.string({ summary: 'carry out the plan of this file (`berth plan -o FILE`), or nothing at all' }),
  };
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up -d --wait',
    '<%= config.bin %> up --dry-run',
  ];

  async run(): Promise<Plan | { readonly plan: Plan; readonly containers: readonly ContainerSummary[] }> {
    const { flags, argv } = await this.parse(Up);
    const services = argv as string[];
    const read = flags.plan === undefined ? await this.requestOf(flags, services) : await readPlanFile(flags.plan);
    const engine = await this.engine();
    if (flags['dry-run']) {
      const plan = await planWithProviders(engine, read);
      this.print(planLines(plan));
      process.exitCode = planExitCode(plan);
      return plan;
    }
    const request = await askProviders(read, { quiet: this.jsonEnabled() });
    if (namesOnlyProviders(read)) return { plan: { stack: read.stack.name, steps: [] }, containers: [] };
    await buildImages(engine, request, { ...flags, silent: this.jsonEnabled() });
    const detached = flags.detach || request.wait || request.noStart || this.jsonEnabled();
    const wish = { services, prune: true, envFiles: flags['env-file'] };
    if (flags.watch && !isWatchable(request, services)) throw nothingToWatch(request.stack.name, services);
    if (detached) {
      const result = await this.upDetached(engine, request, isTerse(flags));
      if (flags.watch) this.print([watchSummary(await engine.watchStart(watchRequest(request, wish)))]);
      return result;
    }
    const watch = isWatchable(request, services)
      ? watchSwitch({
          engine: () => this.engine(),
          request: () => watchRequest(request, wish),
          onStackFile: () => stackFileLines(engine, flags),
          wanted: flags.watch,
        })
      : null;
    const view = { ...attachedView(flags, request, watch), reconnect: () => this.engine() };
    return await followAttached(engine, request, view);
  }

  private async requestOf(
    flags: Parameters<typeof upRequest>[0] & Parameters<typeof endingServices>[0],
    services: readonly string[],
  ): Promise<UpRequest> {
    const words = process.argv.slice(3);
    const isKnown = process.argv[2] === 'up' && isPlainUp(words);
    if (isKnown) recordInputs();
    const request = await upRequest(flags, services);
    /* Providers are asked each time. */
    const inputs = isKnown && !request.providers ? inputsRead() : undefined;
    const receipt = inputs && { key: upKey(words, process.env, process.cwd()), inputs };
    return { ...request, rerun: [...services, ...endingServices(flags, request)], ...(receipt ? { receipt } : {}) };
  }

  private async upDetached(engine: Engine, request: UpRequest, terse: boolean) {
    const interrupt = listenForInterrupt('ending: what has been started stays up; Ctrl-C again to leave at once');
    try {
      const result = await showProgress({ signal: interrupt.signal, quiet: this.jsonEnabled(), terse }, (watch) =>
        engine.up(request, watch),
      );
      this.print(upSummaryLines(result));
      return result;
    } finally {
      interrupt.close();
    }
  }
}

function isWatchable({ stack }: UpRequest, services: readonly string[]): boolean {
  return stack.services.some(({ name, watch }) => watch && (services.length === 0 || services.includes(name)));
}
