/** `berth container top`: the processes of a container. */
import * as Args from '@oclif/core/args';
import { BerthError } from '../../base/errors.ts';
import { runCommand } from '../../base/run-command.ts';
import type { ContainerProcesses } from '../../engine/answers.ts';
import { processTable } from '../../ui/print-processes.ts';
import { psLines } from '../../ui/ps-lines.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerTop extends BerthCommand {
  static override summary = 'show the processes that run in a container';
  static override description =
    "Options behind the container are those of this machine's ps(1), and choose its columns.";
  static override enableJsonFlag = true;
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = { ...CONTAINER_ARG, options: Args.string({ description: 'options of ps' }) };
  static override examples = [
    '<%= config.bin %> container top web',
    '<%= config.bin %> container top web -o pid,rss,args',
    '<%= config.bin %> container top web aux',
  ];

  override async start(): Promise<void> {
    /* ps has no such option: it is ours wherever it stands. */
    const isJson = (word: string) => word === '--json';
    this.argv = [...this.argv.filter(isJson), ...this.argv.filter((word) => !isJson(word))];
    await super.start();
  }

  async run(): Promise<ContainerProcesses> {
    const { argv } = await this.parse(ContainerTop);
    const [name = '', ...options] = argv as string[];
    if (options.length > 0 && this.jsonEnabled()) {
      throw new BerthError('USAGE', '--json has its own fields: options of ps can not be given with it');
    }
    const engine = await this.engine();
    const [found] = await engine.processes({ kind: 'names', names: [name] });
    if (!found) throw new BerthError('CONTAINER_NOT_RUNNING', `container ${name} does not run`);
    this.print(options.length === 0 ? processTable(found.processes) : await askPs(options, found));
    return found;
  }
}

async function askPs(options: readonly string[], { processes }: ContainerProcesses): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runCommand('ps', options, { check: false });
  if (exitCode !== 0 && stdout === '') {
    const [said = `it ended with exit code ${exitCode}`] = stderr.split('\n').filter((line) => line.trim() !== '');
    throw new BerthError('USAGE', `ps ${options.join(' ')}: ${said.replace(/^error: /, '')}`);
  }
  return psLines(stdout, new Set(processes.map(({ pid }) => pid)));
}
