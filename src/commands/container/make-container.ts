/**
 * `container create`, and the first half of `container run`: flags -> a stack of one service, which the engine brings up
 * without starting it.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { BerthError } from '../../base/errors.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine, Watch } from '../../engine/engine.ts';
import { DEFAULT_NETWORK } from '../../model/network-options.ts';
import type { Stack } from '../../model/stack.ts';
import { STANDALONE_NETWORK_STACK, standaloneStackName } from '../../model/standalone.ts';
import { printWarnings } from '../../ui/print-error.ts';
import { planLines } from '../../ui/print-plan.ts';
import { flagsFileText, volumeNames, withFlagErrors } from '../flags-file.ts';
import type { MakeFlagValues } from './container-flags.ts';
import { BRIDGE, containerNetworks } from './container-networks.ts';
import { containerValues } from './container-values.ts';

export type Making = { readonly flags: MakeFlagValues; readonly image: string; readonly command: readonly string[] };

/** The container, created. NAME_TAKEN, or USAGE when --cidfile is there already. */
export async function makeContainer(engine: Engine, making: Making, watch?: Watch): Promise<ContainerSummary> {
  const { flags } = making;
  if (flags.cidfile !== undefined && existsSync(flags.cidfile)) {
    throw new BerthError('USAGE', `--cidfile ${flags.cidfile} is there already`, { hint: 'remove it first' });
  }
  const stack = await stackOf(engine, making);
  if (stack.networks.some((network) => network.name === BRIDGE)) await bringUpBridge(engine);
  const request = { stack, positions: {}, services: [], noStart: true, autoRemove: flags.rm };
  const { containers } = await engine.up(request, watch);
  const made = containers[0]!;
  if (flags.cidfile !== undefined) writeFileSync(flags.cidfile, made.ID);
  return made;
}

/** What making it would do, as lines; nothing is done. */
export async function planContainer(engine: Engine, making: Making): Promise<string[]> {
  const stack = await stackOf(engine, making);
  return planLines(await engine.plan({ stack, positions: {}, services: [] }));
}

/** The stack as the flags say it; USAGE with all findings. */
async function stackOf(engine: Engine, { flags, image, command }: Making): Promise<Stack> {
  const name = checkedName(flags.name ?? randomName());
  const { values, networks } = containerNetworks(flags);
  const ports = await exposedPorts(engine, image, flags);
  const text = flagsFileText({
    service: name,
    values: {
      ...containerValues(flags, { name, image, command }),
      ...values,
      ports: ports.length > 0 ? [...(flags.publish ?? []), ...ports] : flags.publish,
    },
    networks,
    volumes: namedVolumes(flags),
  });
  const { loadStack } = await import('../../stackfile/load-stack.ts');
  const env = { HOME: process.env.HOME };
  const request = { cwd: process.cwd(), env, files: [], profiles: [], envFiles: [], projectName: 'container' };
  const loaded = await withFlagErrors(() => loadStack({ ...request, flagsText: text, flagsOnly: true }));
  printWarnings(loaded.warnings.map(({ severity, message, hint }) => ({ severity, message, hint })));
  return { ...loaded.stack, name: standaloneStackName(randomBytes(6).toString('hex')), files: [] };
}

/** docker's volumes have the name that was given, and belong to nobody. */
function namedVolumes(flags: MakeFlagValues) {
  const mounted = (flags.mount ?? []).flatMap((text) => {
    const source = /(?:^|,)(?:source|src)=([^,]+)/.exec(text)?.[1];
    return source === undefined || /(?:^|,)type=(?!volume)/.test(text) ? [] : [`${source}:`];
  });
  const names = volumeNames([...(flags.volume ?? []), ...mounted]);
  return names && Object.fromEntries(Object.keys(names).map((name) => [name, { name }]));
}

/** Of --publish-all: those of the image, and those of --expose. */
async function exposedPorts(engine: Engine, image: string, flags: MakeFlagValues): Promise<string[]> {
  if (!flags['publish-all']) return [];
  const { config } = await engine.imageInspect(image);
  return [...new Set([...config.exposedPorts, ...(flags.expose ?? [])])];
}

/** Once there, this changes nothing. */
async function bringUpBridge(engine: Engine): Promise<void> {
  const network = { ...DEFAULT_NETWORK, key: BRIDGE, name: BRIDGE, external: false };
  const stack: Stack = {
    name: STANDALONE_NETWORK_STACK,
    projectDir: '/',
    files: [],
    services: [],
    networks: [network],
    volumes: [],
  };
  await engine.up({ stack, positions: {}, services: [], allResources: true });
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new BerthError('USAGE', `--name ${name} is no name for a container`, {
    hint: 'use at least two letters, digits, _ . or -, the first a letter or digit',
  });
}

const HOW = [
  'amber',
  'brave',
  'calm',
  'deft',
  'eager',
  'fair',
  'glad',
  'hale',
  'keen',
  'lucid',
  'mild',
  'neat',
  'proud',
  'quiet',
  'swift',
  'warm',
];
const WHAT = [
  'anchor',
  'beacon',
  'compass',
  'dinghy',
  'ferry',
  'galley',
  'harbor',
  'jetty',
  'keel',
  'ketch',
  'lantern',
  'mast',
  'pier',
  'rudder',
  'sloop',
  'tiller',
];

/** `quiet_harbor_4f`: nobody has to remember it for long. */
function randomName(): string {
  return `${HOW[randomInt(HOW.length)]}_${WHAT[randomInt(WHAT.length)]}_${randomBytes(2).toString('hex')}`;
}
