/**
 * The oclif Config that commands and help need, made without looking for plugins on disk.
 */
import type { Command, Interfaces } from '@oclif/core';
import { Config } from '@oclif/core/config';
import { COMMANDS, type CommandClass, loadCommand, TOPICS } from './command-table.ts';

export type Package = { readonly name: string; readonly version: string };

type Pjson = Interfaces.PJSON;

/** Enough to run one command: nothing is read. */
export function lightConfig(pack: Package, root: string): Config {
  const config = new Config({ root });
  const pjson = pjsonOf(pack);
  Object.assign(config, {
    root,
    pjson,
    name: pack.name,
    version: pack.version,
    bin: 'berth',
    topicSeparator: ' ',
    userAgent: `berth/${pack.version}`,
    dirname: 'berth',
    arch: process.arch,
    platform: process.platform,
    runHook: async () => ({ successes: [], failures: [] }),
  });
  return config;
}

/** With every command and topic: for help and completion. */
export async function fullConfig(pack: Package, root: string): Promise<Config> {
  const classes = await Promise.all(Object.keys(COMMANDS).map(loadCommand));
  const commands = classes.map(described);
  const plugin = {
    _base: '',
    name: pack.name,
    alias: pack.name,
    version: pack.version,
    root,
    pjson: pjsonOf(pack),
    type: 'core',
    isRoot: true,
    valid: true,
    moduleType: 'commonjs',
    options: { root },
    hooks: {},
    commands,
    commandIDs: commands.map((c) => c.id),
    topics: Object.entries(TOPICS).map(([name, description]) => ({ name, description })),
    hasManifest: false,
    findCommand: async (id: string) => classes.find((c) => c.id === id),
    load: async () => {},
  };
  const plugins = new Map([[pack.name, plugin as unknown as Interfaces.Plugin]]);
  return await Config.load({ root, pjson: pjsonOf(pack), plugins, version: pack.version });
}

/** What help reads of a command. */
function described(command: CommandClass): Command.Loadable {
  const flags = Object.entries(command.flags ?? {}).map(([name, flag]) => [name, { ...flag, name }]);
  const json = command.enableJsonFlag
    ? [['json', { name: 'json', type: 'boolean', summary: 'print the result as JSON' }]]
    : [];
  const args = Object.entries(command.args ?? {}).map(([name, arg]) => [name, { ...arg, name }]);
  const { id, summary, description, examples, strict, usage, hidden } = command;
  return {
    id,
    summary,
    description,
    examples,
    strict,
    usage,
    hidden,
    aliases: [],
    hiddenAliases: [],
    flags: Object.fromEntries([...flags, ...json]),
    args: Object.fromEntries(args),
    load: async () => command as unknown as Command.Class,
  } as unknown as Command.Loadable;
}

function pjsonOf(pack: Package): Pjson {
  return {
    name: pack.name,
    version: pack.version,
    oclif: { bin: 'berth', topicSeparator: ' ', dirname: 'berth' },
  } as Pjson;
}
