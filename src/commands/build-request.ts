/**
 * docker build's flags -> a request for the engine.
 *
 * Secrets are read here, with the rights of whoever asks; they travel over the
 * engine's socket only.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseBytes } from '../base/bytes.ts';
import { BerthError, errnoOf } from '../base/errors.ts';
import type { BuildRequest, ContextPlace, DockerfilePlace } from '../build/build.ts';
import { isGit } from '../build/graph/copy-op.ts';
import { parseCacheFrom, parseCacheTo } from '../model/cache-place.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import type { StdinContext } from './stdin-context.ts';

export type ImageBuildFlags = {
  readonly tag?: string[];
  readonly file?: string;
  readonly target?: string;
  readonly output?: string;
  /** Where a tar for stdout lies until it is sent there. */
  readonly stdoutFile?: string;
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
  readonly annotation?: string[];
  readonly memory?: string;
};

/** USAGE for a flag that can not be read. */
export async function buildRequestOf(
  context: string,
  flags: ImageBuildFlags,
  stdin: StdinContext['source'] | null = null,
): Promise<BuildRequest> {
  const place = stdin?.kind === 'archive' ? stdin : contextOf(context);
  return {
    context: place,
    dockerfile: dockerfileOf(place, { context, file: flags.file, stdin }),
    target: flags.target ?? null,
    args: argumentsOf(flags['build-arg'] ?? []),
    contexts: Object.fromEntries((flags['build-context'] ?? []).map((text) => namedContext(text))),
    names: flags.tag ?? [],
    labels: Object.fromEntries((flags.label ?? []).map((text) => pairOf(text, '--label'))),
    output: outputOf(flags.output, flags.stdoutFile ?? null),
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
    annotations: Object.fromEntries((flags.annotation ?? []).map(annotationOf)),
    memoryBytes: flags.memory === undefined ? null : memoryOf(flags.memory),
    cacheFrom: (flags['cache-from'] ?? []).map((text) => parseCacheFrom(text, (path) => resolve(path))),
    cacheTo: (flags['cache-to'] ?? []).map((text) => parseCacheTo(text, (path) => resolve(path))),
  };
}

function contextOf(text: string): ContextPlace {
  if (text === '-') return { kind: 'none' };
  if (isGit(text)) return { kind: 'git', url: text };
  if (/^https?:\/\//.test(text)) return { kind: 'url', url: text };
  const path = resolve(text);
  return isFile(path) ? { kind: 'archive', path } : { kind: 'folder', path };
}

/** What can not be looked at (links in a circle, no right to) is told by who reads the folder. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

type Written = {
  readonly context: string;
  readonly file: string | undefined;
  readonly stdin: StdinContext['source'] | null;
};

function dockerfileOf(place: ContextPlace, { context, file, stdin }: Written): DockerfilePlace {
  if (stdin?.kind === 'dockerfile') {
    if (file !== undefined) throw usage('-f has no meaning when the Dockerfile comes from stdin');
    return { kind: 'inline', text: stdin.text, title: 'stdin' };
  }
  if (file === '-') {
    if (stdin) throw usage('stdin can be the context or the Dockerfile, not both');
    return { kind: 'inline', text: readFileSync(0, 'utf8'), title: 'stdin' };
  }
  if (place.kind !== 'folder') return { kind: 'in-context', path: file ?? 'Dockerfile' };
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

/** docker's forms; an image is made in any case. `-`: the tar goes to stdout by way of `stdoutFile`. */
function outputOf(text: string | undefined, stdoutFile: string | null): BuildRequest['output'] {
  if (text === undefined) return null;
  if (isToStdout(text)) return { kind: 'tar', path: stdoutFile ?? refuse('-o - has no file to go through') };
  if (!text.includes('=')) return { kind: 'folder', path: resolve(text) };
  const values = new Map(text.split(',').map((part) => pairOf(part, '--output')));
  const type = values.get('type') ?? '';
  if (type === 'image' || type === 'docker' || type === 'registry') {
    if (!values.has('dest')) return null;
    throw usage(`--output type=${type} has no dest in berth`, '`berth image save` writes archives of images');
  }
  const dest = values.get('dest');
  if (type === 'oci')
    throw usage('--output type=oci is not there', '`berth image save -o FILE NAME` writes an OCI archive');
  if (type !== 'local' && type !== 'tar')
    throw usage(`--output type=${type} is not known`, 'it is local, tar, image, docker or registry');
  if (dest === undefined || dest === '-') throw usage(`--output ${text} has no dest`, `write type=${type},dest=PATH`);
  return { kind: type === 'tar' ? 'tar' : 'folder', path: resolve(dest) };
}

/** `-o -`, `type=tar,dest=-`. */
export function isToStdout(output: string | undefined): boolean {
  return output === '-' || (output !== undefined && /^type=tar,dest=-$|^dest=-,type=tar$|^type=tar$/.test(output));
}

/** `type=registry` and `push=true` are --push. */
export function isPushed(output: string | undefined): boolean {
  return output?.split(',').some((part) => part === 'type=registry' || part === 'push=true') ?? false;
}

const SMALLEST_MEMORY = 6 * 1024 * 1024;

export function memoryOf(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw usage(`--memory ${text} is no size`, 'write 512m or 2g');
  if (bytes < SMALLEST_MEMORY) throw usage(`--memory ${text} is too little`, 'give at least 6m');
  return bytes;
}

/** `NAME=VALUE`, or `manifest:NAME=VALUE`; there is no index that others could go to. */
function annotationOf(text: string): [string, string] {
  const [, kinds = 'manifest', pair = ''] = /^(?:([a-z,[\]/0-9-]+):)?([^:=]*=.*)$/s.exec(text) ?? [];
  const [name, value] = pairOf(pair, '--annotation');
  if (kinds === 'manifest') return [name, value];
  throw usage(`--annotation ${text}: an image of berth has a manifest only`, 'write NAME=VALUE');
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
