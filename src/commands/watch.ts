/** `berth watch`: brings the stack up, then acts on changes of files as `develop.watch` says. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { Engine, UpRequest } from '../engine/engine.ts';
import type { WatchStatus } from '../engine/watching/watch-calls.ts';
import { followWatch } from '../ui/follow-watch.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { noteLine } from '../ui/output.ts';
import { showProgress } from '../ui/show-progress.ts';
import { upSummaryLines } from '../ui/up-summary.ts';
import { watchStatusLines, watchSummary } from '../ui/watch-lines.ts';
import { askProviders } from './ask-providers.ts';
import { BerthCommand } from './berth-command.ts';
import { buildImages } from './build-services.ts';
import { stackFileLines } from './stack-file-lines.ts';
import { STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';
import { upRequest } from './up-request.ts';
import { watchRequest } from './watch-request.ts';

export default class Watch extends BerthCommand {
  static override summary = 'bring the stack up, and rebuild, restart or sync services when their files change';
  static override description =
    'What is done when which files change is said by `develop.watch` of a service. It ends with Ctrl-C; the services run on. `berth up -d --watch` goes on in the background.';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    'no-up': Flags.boolean({ summary: 'the services run already' }),
    prune: Flags.boolean({ allowNo: true, default: true, summary: 'remove images that were replaced by a rebuild' }),
    quiet: Flags.boolean({ summary: 'show nothing of builds and of coming up' }),
    status: Flags.boolean({ summary: 'what is watched, and what was done and why', exclusive: ['stop'] }),
    stop: Flags.boolean({ summary: 'end watching in the background; the services run on' }),
  };
  static override examples = [
    '<%= config.bin %> watch',
    '<%= config.bin %> watch --no-up web',
    '<%= config.bin %> watch --status',
  ];

  async run(): Promise<readonly WatchStatus[] | undefined> {
    const { flags, argv } = await this.parse(Watch);
    if (flags.status || flags.stop) return await this.ask(await stackNameFromFlags(flags), flags.stop);
    if (this.jsonEnabled())
      throw new BerthError('USAGE', 'watch has no JSON', { hint: 'use `berth events --json`, or --status' });
    const services = argv as string[];
    const read = await upRequest(flags, services);
    const request = flags['no-up'] ? read : await askProviders(read, { quiet: flags.quiet });
    const wish = watchRequest(request, { services, prune: flags.prune, envFiles: flags['env-file'] });
    const engine = await this.engine();
    if (!flags['no-up']) await bringUp(engine, request, flags.quiet);
    const sinceMs = Date.now();
    noteLine(watchSummary(await engine.watchStart(wish)));
    const interrupt = listenForInterrupt();
    const onStackFile = () => stackFileLines(engine, flags);
    try {
      const following = { stack: request.stack.name, sinceMs, signal: interrupt.signal, onStackFile };
      await followWatch(() => this.engine(), following);
    } finally {
      interrupt.close();
      await (await this.engine()).watchEnd(request.stack.name);
    }
    process.exitCode = 130;
    return undefined;
  }

  private async ask(stack: string, end: boolean): Promise<readonly WatchStatus[]> {
    const engine = await this.runningEngine();
    const all = (await engine?.watchStatus(stack)) ?? [];
    if (all.length === 0) this.print([`${stack}: nothing is watched`]);
    else if (end) await engine?.watchEnd(stack);
    else for (const status of all) this.print(watchStatusLines(status));
    return all;
  }
}

async function bringUp(engine: Engine, request: UpRequest, quiet: boolean): Promise<void> {
  await buildImages(engine, request, { build: true, silent: quiet });
  const interrupt = listenForInterrupt('ending: what has been started stays up; Ctrl-C again to leave at once');
  try {
    const result = await showProgress({ signal: interrupt.signal, quiet }, (watch) => engine.up(request, watch));
    if (!quiet) for (const line of upSummaryLines(result)) noteLine(line);
  } finally {
    interrupt.close();
  }
}
