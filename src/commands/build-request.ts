/**
 * docker build's flags -> a request for the engine.
 *
 * Secrets are read here, with the rights of whoever asks; they travel over the
 * engine's socket only.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseBytes } from '../base/bytes.ts';
import { BerthError } from '../base/errors.ts';
import type { BuildRequest, ContextPlace, DockerfilePlace } from '../build/build.ts';
import { isGit } from '../build/graph/copy-op.ts';
import { parseCacheFrom, parseCacheTo } from '../model/cache-place.ts';
import { userEnvironment } from '../registry/user-environment.ts';

export type ImageBuildFlags = {
  readonly tag?: string[];
  readonly file?: string;
  readonly target?: string;
  readonly output?: string;
  readonly 'build-arg'?: string[];
  readonly 'build-context'?: string[];
  readonly label?: string[];
  readonly 'no-cache': boolean;
  readonly 'no-cache-filter'?: string[];
  readonly pull: boolean;
  readonly platform?: string[];
  readonly secret?: string[];
  readonly ssh?: string[];
  readonly network?: string;
  readonly 'add-host'?: string[];
  readonly 'shm-size'?: string;
  readonly ulimit?: string[];
  readonly 'cache-from'?: string[];
  readonly 'cache-to'?: string[];
};

/** USAGE for a flag that can not be read. */
export async function buildRequestOf(context: string, flags: ImageBuildFlags): Promise<BuildRequest> {
  const place = contextOf(context);
  return {
    context: place,
    dockerfile: dockerfileOf(place, context, flags.file),
    target: flags.target ?? null,
    args: argumentsOf(flags['build-arg'] ?? []),
    contexts: Object.fromEntries((flags['build-context'] ?? []).map((text) => namedContext(text))),
    names: flags.tag ?? [],
    labels: Object.fromEntries((flags.label ?? []).map((text) => pairOf(text, '--label'))),
    output: outputOf(flags.output),
    platforms: (flags.platform ?? []).flatMap((text) => text.split(',')),
    noCache: flags['no-cache'],
    noCacheFilter: (flags['no-cache-filter'] ?? []).flatMap((text) => text.split(',')),
    env: userEnvironment(process.env),
    pull: flags.pull,
    network: (flags.network as BuildRequest['network'] | undefined) ?? 'default',
    secrets: (flags.secret ?? []).map(readSecret),
    agents: (flags.ssh ?? []).map(findAgent),
    extraHosts: extraHostsOf(flags['add-host'] ?? []),
    shmBytes: sizeOf(flags['shm-size']),
    ulimits: Object.fromEntries((flags.ulimit ?? []).map(ulimitOf)),
    cacheFrom: (flags['cache-from'] ?? []).map((text) => parseCacheFrom(text, (path) => resolve(path))),
    cacheTo: (flags['cache-to'] ?? []).map((text) => parseCacheTo(text, (path) => resolve(path))),
  };
}

function contextOf(text: string): ContextPlace {
  if (text === '-') return { kind: 'none' };
  if (isGit(text)) return { kind: 'git', url: text };
  if (/^https?:\/\//.test(text)) {
    throw usage(`${text} is no git repository`, 'a context is a folder or a git repository (.git at the end)');
  }
  return { kind: 'folder', path: resolve(text) };
}

function dockerfileOf(place: ContextPlace, context: string, file: string | undefined): DockerfilePlace {
  if (context === '-' || file === '-') {
    if (context === '-' && file !== undefined) throw usage('-f has no meaning when the Dockerfile comes from stdin');
    return { kind: 'inline', text: readFileSync(0, 'utf8'), title: 'stdin' };
  }
  if (place.kind === 'git') return { kind: 'in-context', path: file ?? 'Dockerfile' };
  return { kind: 'file', path: file === undefined ? resolve(context, 'Dockerfile') : resolve(file) };
}

/** A name alone takes its value from the environment, and is left out when that has none. */
export function argumentsOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.flatMap((text): [string, string][] => {
    const at = text.indexOf('=');
    if (at > 0) return [[text.slice(0, at), text.slice(at + 1)]];
    const value = process.env[text];
    return value === undefined ? [] : [[text, value]];
  });
  return Object.fromEntries(pairs);
}

function pairOf(text: string, flag: string): [string, string] {
  const at = text.indexOf('=');
  if (at === 0 || text === '') throw usage(`${flag} ${text} has no name`, `write ${flag} NAME=VALUE`);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function namedContext(text: string): [string, ContextPlace] {
  const [name, value] = pairOf(text, '--build-context');
  if (value === '') throw usage(`--build-context ${text} has no place`, 'write NAME=FOLDER');
  return [name, additionalContext(value, process.cwd())];
}

/** A folder, a repository, or `docker-image://IMAGE`. */
export function additionalContext(text: string, folder: string): ContextPlace {
  if (text.startsWith('docker-image://')) return { kind: 'image', reference: text.slice('docker-image://'.length) };
  if (isGit(text)) return { kind: 'git', url: text };
  if (/^[a-z-]+:\/\//.test(text)) {
    throw usage(`${text} can not be a context`, 'give a folder, a git repository or docker-image://IMAGE');
  }
  return { kind: 'folder', path: resolve(folder, text) };
}

const MAX_SECRET = 500 * 1024;

/** docker's forms: `id=NAME,src=FILE`, `id=NAME,env=VARIABLE`, `id=NAME` (a variable of that name). */
export function readSecret(text: string): BuildRequest['secrets'][number] {
  const values = new Map(text.split(',').map((part) => pairOf(part, '--secret')));
  const source = values.get('src') ?? values.get('source');
  const id = values.get('id') ?? source;
  if (id === undefined) throw usage(`--secret ${text} has no id`, 'write --secret id=NAME,src=FILE');
  const variable = values.get('env') ?? (source === undefined ? id : undefined);
  if (variable !== undefined) {
    const value = process.env[variable];
    if (value === undefined) throw usage(`--secret ${id}: the variable ${variable} is not set`);
    return { id, base64: Buffer.from(value).toString('base64') };
  }
  return { id, base64: secretFile(id, resolve(source!)) };
}

export function secretFile(id: string, path: string): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw usage(`secret ${id}: there is no file ${path}`);
  if (size > MAX_SECRET) throw usage(`secret ${id}: ${path} is larger than 500 KiB`);
  return readFileSync(path).toString('base64');
}

/** `default` is the agent of SSH_AUTH_SOCK. */
export function findAgent(text: string): BuildRequest['agents'][number] {
  const [id, value] = pairOf(text, '--ssh');
  const socket = value === '' ? (process.env.SSH_AUTH_SOCK ?? '') : resolve(value);
  if (socket === '')
    throw usage(
      `--ssh ${id}: there is no ssh agent (SSH_AUTH_SOCK is not set)`,
      'start one: eval $(ssh-agent); ssh-add',
    );
  const stats = statSync(socket, { throwIfNoEntry: false });
  if (stats?.isSocket()) return { id, socket };
  throw usage(`--ssh ${id}: ${socket} is no socket of an ssh agent`, 'keys are used through an agent: ssh-add KEY');
}

function extraHostsOf(texts: readonly string[]): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  for (const text of texts) {
    const [, name, address] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
    if (name === undefined) throw usage(`--add-host ${text} has no address`, 'write NAME:ADDRESS');
    hosts[name] = [...(hosts[name] ?? []), address!.replace(/^\[(.*)\]$/, '$1')];
  }
  return hosts;
}

/** docker's forms; an image is made in any case. */
function outputOf(text: string | undefined): BuildRequest['output'] {
  if (text === undefined) return null;
  if (text === '-')
    throw usage('-o - is not possible: the files are written by the engine', 'write -o type=tar,dest=FILE');
  if (!text.includes('=')) return { kind: 'folder', path: resolve(text) };
  const values = new Map(text.split(',').map((part) => pairOf(part, '--output')));
  const type = values.get('type') ?? '';
  if (type === 'image' || type === 'docker') return null;
  const dest = values.get('dest');
  if (type !== 'local' && type !== 'tar')
    throw usage(`--output type=${type} is not known`, 'it is local, tar, image or docker');
  if (dest === undefined || dest === '-') throw usage(`--output ${text} has no dest`, `write type=${type},dest=PATH`);
  return { kind: type === 'tar' ? 'tar' : 'folder', path: resolve(dest) };
}

function sizeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return parseBytes(text) ?? refuse(`--shm-size ${text} is no size`);
}

function ulimitOf(text: string): [string, { soft: number; hard: number }] {
  const [, name = '', soft, hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (soft === undefined) throw usage(`--ulimit ${text} can not be read`, 'write NAME=SOFT:HARD');
  return [name, { soft: Number(soft), hard: Number(hard) }];
}

function refuse(message: string): never {
  throw usage(message);
}

function usage(message: string, hint?: string): BerthError {
  return new BerthError('USAGE', message, { hint });
}
