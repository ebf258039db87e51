/** `berth image build`: an image of a Dockerfile; the flags are docker build's. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as Args from '@oclif/core/args';
import { BerthError, type Diagnostic } from '../../base/errors.ts';
import type { BuildRequest, BuildResult } from '../../build/build.ts';
import type { Engine } from '../../engine/engine.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { noteLine } from '../../ui/output.ts';
import { printWarnings } from '../../ui/print-error.ts';
import { showProgress } from '../../ui/show-progress.ts';
import { showPull } from '../../ui/show-pull.ts';
import { BerthCommand } from '../berth-command.ts';
import { IMAGE_BUILD_FLAGS } from '../build-flags.ts';
import { buildRequestOf, isPushed, isToStdout } from '../build-request.ts';
import { summaryOf } from '../build-summary.ts';
import { checkOtherFlags } from '../check-build-flags.ts';
import { readStdinContext } from '../stdin-context.ts';

export default class Build extends BerthCommand {
  static override summary = 'make an image of a Dockerfile';
  static override enableJsonFlag = true;
  static override args = {
    context: Args.string({
      default: '.',
      description: 'folder, tar, URL of a git repository or a tar, or - for a tar or a Dockerfile on stdin',
    }),
  };
  static override flags = IMAGE_BUILD_FLAGS;
  static override examples = [
    '<%= config.bin %> image build -t web .',
    '<%= config.bin %> image build --target test --build-arg VERSION=3 .',
    '<%= config.bin %> image build --check .',
  ];

  async run(): Promise<BuildResult | Diagnostic[] | undefined> {
    const { flags, args } = await this.parse(Build);
    for (const line of checkOtherFlags(flags)) noteLine(line);
    const isPush = flags.push || isPushed(flags.output);
    if (isPush && !flags.tag?.length) throw needsName();
    const folder = isToStdout(flags.output) ? folderForStdout(this.jsonEnabled()) : null;
    const stdin = args.context === '-' ? await readStdinContext() : null;
    try {
      const stdoutFile = folder === null ? undefined : join(folder, 'tar');
      const request = await buildRequestOf(args.context, { ...flags, stdoutFile }, stdin?.source);
      const engine = await this.engine();
      if (flags.check || flags.call === 'check') return this.answerCheck(await engine.buildCheck(request));
      if (flags.progress !== undefined) process.env.COMPOSE_PROGRESS = flags.progress;
      const result = await this.build(engine, request, flags.quiet || this.jsonEnabled());
      if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, result.id);
      if (flags['metadata-file'] !== undefined) writeFileSync(flags['metadata-file'], metadataOf(result));
      if (isPush) await this.push(engine, request, flags.quiet || this.jsonEnabled());
      if (stdoutFile !== undefined) return await sendToStdout(stdoutFile);
      this.print(flags.quiet ? [result.id] : [...summaryOf(result)]);
      return result;
    } finally {
      stdin?.close();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    }
  }

  private async build(engine: Engine, request: BuildRequest, quiet: boolean): Promise<BuildResult> {
    const interrupt = listenForInterrupt('ending the build');
    try {
      return await showProgress({ signal: interrupt.signal, quiet }, (watch) => engine.build(request, watch));
    } finally {
      interrupt.close();
    }
  }

  private async push(engine: Engine, { names, env }: BuildRequest, quiet: boolean): Promise<void> {
    for (const image of names) {
      const { name, digest } = await showPull({ quiet }, (watch) => engine.imagePush({ image, env }, watch));
      if (!quiet) noteLine(`${name} pushed  ${digest}`);
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

/** The engine writes the tar to a file; only when all of it is there does it go to stdout. */
function folderForStdout(isJson: boolean): string {
  if (isJson) throw new BerthError('USAGE', '--json and a tar can not both go to stdout');
  if (!process.stdout.isTTY) return mkdtempSync(join(tmpdir(), 'berth-output-'));
  throw new BerthError('USAGE', 'a tar is no text for a terminal', { hint: 'write -o - > FILE, or -o FOLDER' });
}

async function sendToStdout(path: string): Promise<undefined> {
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), process.stdout, { end: false });
}

/** The names are those that docker's file has. */
function metadataOf({ id, digest, names }: BuildResult): string {
  const metadata = {
    'containerimage.config.digest': id,
    'containerimage.digest': digest,
    ...(names.length === 0 ? {} : { 'image.name': names.join(',') }),
  };
  return `${JSON.stringify(metadata, null, 2)}\n`;
}

function needsName(): BerthError {
  return new BerthError('USAGE', 'only an image with a name can be pushed', { hint: 'add -t REGISTRY/NAME:TAG' });
}
