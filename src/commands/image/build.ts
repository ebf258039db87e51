/** `berth image build`: an image of a Dockerfile; the flags are docker build's. */
import { writeFileSync } from 'node:fs';
import * as Args from '@oclif/core/args';
import type { Diagnostic } from '../../base/errors.ts';
import type { BuildResult } from '../../build/build.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { printWarnings } from '../../ui/print-error.ts';
import { showProgress } from '../../ui/show-progress.ts';
import { BerthCommand } from '../berth-command.ts';
import { IMAGE_BUILD_FLAGS } from '../build-flags.ts';
import { buildRequestOf } from '../build-request.ts';
import { summaryOf } from '../build-summary.ts';

export default class Build extends BerthCommand {
  static override summary = 'make an image of a Dockerfile';
  static override enableJsonFlag = true;
  static override args = {
    context: Args.string({
      default: '.',
      description: 'folder, URL of a git repository, or - for a Dockerfile on stdin',
    }),
  };
  static override flags = IMAGE_BUILD_FLAGS;
  static override examples = [
    '<%= config.bin %> image build -t web .',
    '<%= config.bin %> image build --target test --build-arg VERSION=3 .',
    '<%= config.bin %> image build --check .',
  ];

  async run(): Promise<BuildResult | Diagnostic[]> {
    const { flags, args } = await this.parse(Build);
    const request = await buildRequestOf(args.context, flags);
    const engine = await this.engine();
    if (flags.check || flags.call === 'check') return this.answerCheck(await engine.buildCheck(request));
    if (flags.progress !== undefined) process.env.COMPOSE_PROGRESS = flags.progress;
    const interrupt = listenForInterrupt('ending the build');
    try {
      const quiet = flags.quiet || this.jsonEnabled();
      const result = await showProgress({ signal: interrupt.signal, quiet }, (watch) => engine.build(request, watch));
      if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, result.id);
      this.print(flags.quiet ? [result.id] : [...summaryOf(result)]);
      return result;
    } finally {
      interrupt.close();
    }
  }

  private answerCheck(warnings: Diagnostic[]): Diagnostic[] {
    if (this.jsonEnabled()) return warnings;
    printWarnings(warnings);
    this.print([warnings.length === 0 ? 'check complete: no warnings' : `check complete: ${warnings.length} warnings`]);
    process.exitCode = warnings.length === 0 ? 0 : 1;
    return warnings;
  }
}
