/** `berth config`: the stack file after merging, interpolation and checking, in canonical form. */
import { writeFileSync } from 'node:fs';
import * as Flags from '@oclif/core/flags';
import type { FoundVariable } from '../stackfile/find-variables.ts';
import type { LoadedConfig } from '../stackfile/load-config.ts';
import type { Skippable } from '../stackfile/load-model.ts';
import { printLine } from '../ui/output.ts';
import { printWarnings, shortPath } from '../ui/print-error.ts';
import { tableLines } from '../ui/print-table.ts';
import { BerthCommand } from './berth-command.ts';
import { lockedImages } from './lock-images.ts';
import { withSources } from './remote-sources.ts';
import { withoutOptimizing } from './short-lived.ts';
import { fetchingOf, NOTHING_TO_CHANGE, requestOf, STACK_FLAGS } from './stack-flags.ts';

/** A step that a flag leaves out. */
const SKIPS: Readonly<Record<string, Skippable>> = {
  'no-interpolate': 'variables',
  'no-normalize': 'defaults',
  'no-path-resolution': 'paths',
  'no-consistency': 'consistency',
  'no-env-resolution': 'environment',
};

export default class Config extends BerthCommand {
  static override summary = 'check the stack file and print it in canonical form';
  static override enableJsonFlag = true;
  static override strict = false;
  static override usage = 'config [FLAGS] [SERVICE...]';
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    quiet: Flags.boolean({ char: 'q', summary: 'only check' }),
    format: Flags.string({ options: ['yaml', 'json'], summary: 'form of the output; yaml' }),
    output: Flags.string({ char: 'o', summary: 'file to write instead of printing' }),
    where: Flags.boolean({ summary: 'file, line and column of every value' }),
    services: Flags.boolean({ summary: 'names of services only' }),
    volumes: Flags.boolean({ summary: 'names of volumes only' }),
    networks: Flags.boolean({ summary: 'names of networks only' }),
    images: Flags.boolean({ summary: 'names of images only' }),
    models: Flags.boolean({ summary: 'names of models only' }),
    profiles: Flags.boolean({ summary: 'names of profiles only' }),
    hash: Flags.string({ summary: 'hash of each of these services, or of all with *' }),
    variables: Flags.boolean({ summary: 'variables that the files name, with their defaults' }),
    environment: Flags.boolean({ summary: 'variables that replace them, with their values' }),
    'no-interpolate': Flags.boolean({ summary: 'leave variables as they are written' }),
    'no-normalize': Flags.boolean({ summary: "leave out the specification's defaults" }),
    'no-path-resolution': Flags.boolean({ summary: 'leave relative paths as they are' }),
    'no-consistency': Flags.boolean({ summary: 'do not check names that are referred to' }),
    'no-env-resolution': Flags.boolean({ summary: 'leave env_file and label_file as they are' }),
    'resolve-image-digests': Flags.boolean({ summary: 'images by the digest that is stored' }),
    'lock-image-digests': Flags.boolean({ summary: 'a stack file that fixes the images by digest' }),
  };
  static override examples = [
    '<%= config.bin %> config',
    '<%= config.bin %> config -q && echo fine',
    '<%= config.bin %> config --where',
    '<%= config.bin %> config --format json web',
  ];

  async run(): Promise<unknown> {
    withoutOptimizing();
    const { flags, argv } = await this.parse(Config);
    const services = argv as string[];
    const { loadConfig } = await import('../stackfile/load-config.ts');
    const skip = Object.keys(SKIPS).flatMap((flag) => (flags[flag as keyof typeof flags] ? [SKIPS[flag]!] : []));
    if (flags.variables) skip.push('variables');
    const request = { ...requestOf(flags, services), skip: new Set(skip) };
    const loaded = await withSources(fetchingOf(flags), (sources) => loadConfig({ ...request, sources }));
    printWarnings(loaded.findings);
    const list = await this.listOf({ ...flags, names: services }, loaded);
    if (list) return this.answer(flags, list);
    if (flags.quiet && services.length === 0 && !this.jsonEnabled()) return undefined;
    const canonical = await this.canonicalOf({ ...flags, names: services }, loaded);
    if (flags.quiet || this.jsonEnabled()) return canonical;
    const { printCanonical } = await import('../stackfile/print-canonical.ts');
    const format = flags.format === 'json' ? 'json' : 'yaml';
    this.answer(flags, [printCanonical(canonical, { format, variablesLeft: flags['no-interpolate'] })]);
    return canonical;
  }

  private async canonicalOf(flags: CanonicalFlags, { model }: LoadedConfig): Promise<unknown> {
    const { onlyServices, plainTree } = await import('../stackfile/model-lists.ts');
    const tree = flags.names.length > 0 ? onlyServices(model.tree, flags.names) : model.tree;
    if (!flags['resolve-image-digests'] && !flags['lock-image-digests']) return plainTree(tree);
    return await lockedImages(tree, { engine: await this.engine(), imagesOnly: flags['lock-image-digests'] });
  }

  /** Lines of a flag that asks for one thing only. */
  private async listOf(flags: ListFlags, { model }: LoadedConfig): Promise<readonly string[] | undefined> {
    const lists = await import('../stackfile/model-lists.ts');
    if (flags.services) return lists.keysOf(model, 'services');
    if (flags.volumes) return lists.keysOf(model, 'volumes');
    if (flags.networks) return lists.keysOf(model, 'networks');
    if (flags.images) return lists.imagesOf(model, flags.names);
    if (flags.models) return lists.modelsOf(model);
    if (flags.profiles) return lists.allProfiles(model);
    if (flags.hash !== undefined) return lists.hashesOf(model, flags.hash);
    if (flags.where) return lists.placeLines(model, shortPath);
    if (flags.environment) return lists.environmentLines(model);
    if (!flags.variables) return undefined;
    const { findVariables } = await import('../stackfile/find-variables.ts');
    const variables = findVariables(model.tree);
    if (flags.format !== undefined) return [await printVariables(variables, flags.format)];
    const rows = variables.map((v) => [v.name, String(v.required), v.byDefault, v.instead]);
    return tableLines(['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'], rows);
  }

  private answer(flags: { readonly output?: string; readonly quiet: boolean }, lines: readonly string[]) {
    if (flags.output !== undefined) writeFileSync(flags.output, `${lines.join('\n')}\n`);
    else if (!flags.quiet && !this.jsonEnabled()) lines.forEach(printLine);
    return lines;
  }
}

/** By name, with the words that docker compose has for it in each form. */
async function printVariables(variables: readonly FoundVariable[], format: string): Promise<string> {
  const isJson = format === 'json';
  const words = ['Name', 'DefaultValue', 'PresenceValue', 'Required'].map((word) =>
    isJson ? word : word.toLowerCase(),
  );
  const byName = variables.map(({ name, byDefault, instead, required }) => {
    const values = [name, byDefault, instead, required];
    return [name, Object.fromEntries(words.map((word, at) => [word, values[at]]))] as const;
  });
  const { printCanonical } = await import('../stackfile/print-canonical.ts');
  return printCanonical(Object.fromEntries(byName), { format: isJson ? 'json' : 'yaml', variablesLeft: true });
}

type CanonicalFlags = {
  readonly names: readonly string[];
  readonly 'resolve-image-digests': boolean;
  readonly 'lock-image-digests': boolean;
};

type ListFlags = Readonly<
  Record<'services' | 'volumes' | 'networks' | 'images' | 'models' | 'profiles', boolean> &
    Record<'where' | 'environment' | 'variables', boolean>
> & { readonly hash?: string; readonly format?: string; readonly names: readonly string[] };
