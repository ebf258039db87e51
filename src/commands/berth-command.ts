/**
 * What every command shares: the way errors leave it, and the connection to the engine.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@oclif/core/command';
import { connectEngine, findEngine } from '../api/connect.ts';
import { errorData } from '../base/errors.ts';
import { type Roots, rootsFromEnvironment } from '../base/roots.ts';
import type { Engine, Watch } from '../engine/engine.ts';
import type { Plan } from '../engine/plan.ts';
import { printLine } from '../ui/output.ts';
import { planLines } from '../ui/print-plan.ts';
import { showProgress } from '../ui/show-progress.ts';
import { endFlagsAtCommand, plainBooleans } from './end-flags.ts';

export abstract class BerthCommand extends Command {
  /** What stands behind the first argument is a program's, flags and all. */
  static endsFlagsAtCommand = false;

  /** Parses, runs, prints the JSON when asked for. */
  async start(): Promise<void> {
    const { endsFlagsAtCommand: ends, flags = {} } = this.ctor as typeof BerthCommand;
    this.argv = plainBooleans(ends ? endFlagsAtCommand(this.argv, flags) : this.argv, flags);
    await this._run();
  }

  protected roots(): Roots {
    return rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
  }

  /** The engine, started when there is none. */
  protected async engine(): Promise<Engine> {
    return await connectEngine({
      roots: this.roots(),
      daemon: [process.execPath, join(packageRoot(), 'dist', 'daemon.cjs')],
    });
  }

  /** The engine that runs now. */
  protected async runningEngine(): Promise<Engine | undefined> {
    return await findEngine(this.roots());
  }

  /** An action with its progress; with `dryRun` the call changes nothing, and its plan is the answer. */
  protected async act<T extends { readonly plan: Plan }>(
    { dryRun, terse }: { readonly dryRun: boolean; readonly terse?: boolean },
    call: (watch: Watch) => Promise<T>,
  ): Promise<T> {
    const result = await showProgress({ terse, quiet: dryRun || this.jsonEnabled() }, call);
    if (dryRun) this.print(planLines(result.plan));
    else if (result.plan.steps.length === 0) this.print([`${result.plan.stack}: nothing to do`]);
    return result;
  }

  /** Lines of the answer, unless the answer is JSON. */
  protected print(lines: readonly string[]): void {
    if (!this.jsonEnabled()) for (const line of lines) printLine(line);
  }

  /** main.ts prints errors and picks the exit code. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }

  protected override logJson(json: unknown): void {
    printLine(JSON.stringify(json, null, 2));
  }

  protected override toErrorJson(error: unknown): unknown {
    return { error: errorData(error) };
  }
}

/** The folder of package.json, found upwards from here: source and bundle lie at different depths. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder);
  return folder;
}
