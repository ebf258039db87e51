/**
 * The command's entry: finds the command, runs it, prints what failed, picks the exit code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BerthError, errorData } from './base/errors.ts';
import { packageRoot } from './commands/berth-command.ts';
import { loadCommand, PASSES_ARGUMENTS } from './commands/command-table.ts';
import { findCommand } from './commands/find-command.ts';
import { lightConfig, type Package } from './commands/oclif-config.ts';
import { endOnClosedPipe, printLine } from './ui/output.ts';
import { printError } from './ui/print-error.ts';

export async function main(argv: readonly string[]): Promise<void> {
  endOnClosedPipe();
  try {
    refuseOtherSystems();
    await dispatch(argv);
  } catch (thrown) {
    const error = asUsage(thrown);
    process.exitCode = error instanceof BerthError ? error.exitCode : 1;
    if (isJson(argv)) printLine(JSON.stringify({ error: errorData(error) }, null, 2));
    else printError(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<void> {
  const found = findCommand(argv);
  const root = packageRoot();
  const pack = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Package;
  switch (found.kind) {
    case 'version':
      return printLine(`berth ${pack.version}`);
    case 'help': {
      const { showHelp } = await import('./commands/show-help.ts');
      return await showHelp(found.subject, pack, root);
    }
    case 'command': {
      Object.assign(process.env, found.environment);
      const Command = await loadCommand(found.id);
      await new Command([...found.argv], lightConfig(pack, root)).start();
    }
  }
}

function refuseOtherSystems(): void {
  const supported = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
  if (supported) return;
  throw new BerthError(
    'UNSUPPORTED_PLATFORM',
    `berth runs on Linux x64 and arm64, not on ${process.platform} ${process.arch}`,
  );
}

/** oclif's complaints about flags and arguments, in our form. */
function asUsage(error: unknown): unknown {
  if (!(error instanceof Error) || !('oclif' in error)) return error;
  const [message = '', ...rest] = error.message.split('\n').filter((line) => !line.startsWith('See more help'));
  const text = [message.charAt(0).toLowerCase() + message.slice(1), ...rest].join('\n');
  return new BerthError('USAGE', text, { hint: 'see `berth COMMAND --help`', cause: error });
}

function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const passes = [argv[0], `${argv[0]} ${argv[1]}`].some((id) => PASSES_ARGUMENTS.has(id ?? ''));
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json') && !passes;
}

void main(process.argv.slice(2));
