/** `berth run`: a one-off container of a service. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError, errnoOf } from '../base/errors.ts';
import { parseDotenv } from '../stackfile/dotenv.ts';
import { splitWords } from '../stackfile/shell-words.ts';
import { attachTerminal, terminalSize } from '../ui/attach-terminal.ts';
import { printLine } from '../ui/output.ts';
import { planLines } from '../ui/print-plan.ts';
import { askProviders } from './ask-providers.ts';
import { BerthCommand } from './berth-command.ts';
import { buildImages } from './build-services.ts';
import { type FlagsFile, flagsFileText, volumeNames, withFlagErrors } from './flags-file.ts';
import { DRY_RUN_FLAG, isSet, loadFromFlags, PROJECT_LONG_FLAG, STACK_FLAGS } from './stack-flags.ts';

const several = { multiple: true, multipleNonGreedy: true } as const;

export default class Run extends BerthCommand {
  static override summary = 'run a one-off command in a new container of a service';
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = {
    service: Args.string({ required: true, description: 'service' }),
    command: Args.string({ description: "command and its arguments, instead of the service's own" }),
  };
  static override flags = {
    ...STACK_FLAGS,
    /* As in docker compose: -p is --publish here; `berth -p NAME run` names the stack. */
    'project-name': PROJECT_LONG_FLAG,
    ...DRY_RUN_FLAG,
    detach: Flags.boolean({ char: 'd', summary: 'return when it has been started, and print its name' }),
    entrypoint: Flags.string({ summary: "instead of the service's entrypoint" }),
    env: Flags.string({ char: 'e', ...several, summary: 'KEY=VALUE to set, or KEY to take over from here' }),
    'env-from-file': Flags.string({ ...several, summary: 'file of variables to set' }),
    label: Flags.string({ char: 'l', ...several, summary: 'KEY=VALUE to label it with' }),
    name: Flags.string({ summary: 'name of the container' }),
    'cap-add': Flags.string({ ...several, summary: 'capability to add' }),
    'cap-drop': Flags.string({ ...several, summary: 'capability to take away' }),
    volume: Flags.string({ char: 'v', ...several, summary: 'SOURCE:TARGET[:MODE] to mount' }),
    publish: Flags.string({ char: 'p', ...several, summary: '[[IP:]HOST:]PORT[/PROTOCOL] to publish' }),
    'service-ports': Flags.boolean({ char: 'P', summary: "publish the service's ports", exclusive: ['publish'] }),
    'no-deps': Flags.boolean({ summary: 'leave alone what the service depends on' }),
    'remove-orphans': Flags.boolean({ summary: 'remove containers of services that the file no longer has' }),
    rm: Flags.boolean({ summary: 'remove the container when it ends' }),
    'use-aliases': Flags.boolean({ summary: "answer to the service's names" }),
    user: Flags.string({ char: 'u', summary: 'user (and group) to run as' }),
    workdir: Flags.string({ char: 'w', summary: 'folder to run in' }),
    build: Flags.boolean({ summary: 'build its image before' }),
    /* Nothing is ever said of what it needs. */
    quiet: Flags.boolean({ char: 'q', hidden: true, summary: 'accepted for scripts: only the program speaks' }),
    'quiet-pull': Flags.boolean({ hidden: true, summary: 'accepted for scripts: only the program speaks' }),
    'quiet-build': Flags.boolean({ summary: 'show nothing of builds' }),
    interactive: Flags.boolean({ char: 'i', default: true, allowNo: true, summary: 'hand input on to it' }),
    tty: Flags.boolean({
      char: 't',
      hidden: true,
      summary: 'with a terminal, which is the default where there is one',
    }),
    'no-tty': Flags.boolean({ char: 'T', summary: 'without a terminal' }),
  };
  static override examples = ['<%= config.bin %> run --rm web npm test', '<%= config.bin %> run --rm --no-deps api sh'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Run);
    const [service, ...command] = argv as string[];
    const text = flagsFileText(flagsFile(service!, flags));
    const read = await withFlagErrors(() => loadFromFlags(flags, [service!], { flagsText: text }));
    const { positions, secrets, providers } = read;
    const engine = await this.engine();
    const removeOrphans = flags['remove-orphans'] || isSet('COMPOSE_REMOVE_ORPHANS');
    if (flags['dry-run']) {
      const plan = await engine.plan({
        stack: read.stack,
        positions,
        providers,
        services: [service!],
        noDeps: flags['no-deps'],
        scale: { [service!]: 0 },
        noRecreate: true,
      });
      this.print([...planLines(plan), `a container of ${service} would run ${command.join(' ') || 'its own command'}`]);
      return;
    }
    const asked = { stack: read.stack, positions, providers, services: [service!], noDeps: flags['no-deps'] };
    const { stack } = await askProviders(asked, { quiet: flags.quiet });
    const quietBuild = flags['quiet-build'] || flags.quiet;
    await buildImages(
      engine,
      { stack, services: [service!] },
      { build: flags.build, 'quiet-build': quietBuild, silent: false },
    );
    const here = process.stdin.isTTY === true && process.stdout.isTTY === true;
    const terminal = !flags['no-tty'] && !flags.detach && here;
    const stdin = flags.interactive && !flags.detach;
    const session = await engine.run({
      stack,
      positions,
      secrets,
      service: service!,
      command: command.length > 0 ? command : null,
      entrypoint: entrypointOf(flags.entrypoint),
      name: flags.name,
      noDeps: flags['no-deps'],
      remove: flags.rm,
      removeOrphans,
      servicePorts: flags['service-ports'] || flags.publish !== undefined,
      useAliases: flags['use-aliases'],
      terminal: terminal ? terminalSize() : null,
      stdin,
      detach: flags.detach,
    });
    if (flags.detach) printLine(session.name);
    process.exitCode = await attachTerminal(session, { terminal, stdin });
  }
}

type FileFlags = {
  readonly env?: string[];
  readonly 'env-from-file'?: string[];
  readonly label?: string[];
  readonly 'cap-add'?: string[];
  readonly 'cap-drop'?: string[];
  readonly volume?: string[];
  readonly publish?: string[];
  readonly user?: string;
  readonly workdir?: string;
};

/** Ports of the command line stand for the service's, everything else comes on top. */
function flagsFile(service: string, flags: FileFlags): FlagsFile {
  const environment = [...(flags['env-from-file'] ?? []).flatMap(variablesOf), ...(flags.env ?? [])];
  const values = {
    environment: environment.length > 0 ? environment : undefined,
    labels: flags.label,
    cap_add: flags['cap-add'],
    cap_drop: flags['cap-drop'],
    volumes: flags.volume,
    ports: flags.publish,
    user: flags.user,
    working_dir: flags.workdir,
  };
  return { service, values, replaced: ['ports'], volumes: volumeNames(flags.volume ?? []) };
}

/** Their values win over the file's, as --env does. */
function variablesOf(file: string): string[] {
  const path = resolve(file);
  try {
    const { variables } = parseDotenv(readFileSync(path, 'utf8'), process.env);
    return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new BerthError('USAGE', `--env-from-file ${file} can not be read: ${errnoOf(cause)}`, { cause });
  }
}

/** An empty one switches the service's off. */
function entrypointOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const words = splitWords(text);
  if (words === undefined) throw new BerthError('USAGE', `--entrypoint ${text}: a quote is not closed`);
  return words;
}
