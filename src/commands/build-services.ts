/**
 * Images of services that have `build:`: which of them, in which order, with which request for the engine.
 *
 * Secrets are read here and now; an image that another one is built from comes first.
 */
import { resolve } from 'node:path';
import { BerthError } from '../base/errors.ts';
import type { BuildRequest, BuildResult, ContextPlace } from '../build/build.ts';
import { isGit } from '../build/graph/copy-op.ts';
import type { Engine, UpRequest, Watch } from '../engine/engine.ts';
import { canonicalName, parseReference } from '../image/reference.ts';
import type { BuildSecretSource, ServiceBuild } from '../model/service-build.ts';
import type { Service, Stack } from '../model/stack.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { showProgress } from '../ui/show-progress.ts';
import { additionalContext, findAgent, secretFile } from './build-request.ts';

/** What flags say instead of the file. */
export type BuildChanges = {
  readonly noCache?: boolean;
  readonly pull?: boolean;
  readonly args?: Readonly<Record<string, string>>;
  readonly agents?: readonly string[];
  readonly memoryBytes?: number;
};

export type ServiceBuildResult = BuildResult & { readonly service: string };

/** Builds the given services and, before them, those whose images they take as contexts. */
export async function buildServices(
  engine: Engine,
  {
    stack,
    names,
    changes = {},
  }: { readonly stack: Stack; readonly names: readonly string[]; readonly changes?: BuildChanges },
  watch: Watch = {},
): Promise<ServiceBuildResult[]> {
  const results = new Map<string, Promise<ServiceBuildResult>>();
  const buildOne = (name: string, before: readonly string[]): Promise<ServiceBuildResult> => {
    if (before.includes(name)) {
      throw new BerthError('DEPENDENCY_CYCLE', `images are built from each other: ${[...before, name].join(' -> ')}`);
    }
    const known = results.get(name);
    if (known) return known;
    const result = start(serviceNamed(stack, name), [...before, name]);
    result.catch(() => {});
    results.set(name, result);
    return result;
  };
  const start = async (service: Service, before: readonly string[]): Promise<ServiceBuildResult> => {
    const needed = servicesNeeded(service.build!).filter((name) => serviceNamed(stack, name).build !== null);
    await Promise.all(needed.map((name) => buildOne(name, before)));
    const result = await engine.build(requestOf(stack, service, changes), watch);
    return { service: service.name, ...result };
  };
  await Promise.all(names.map((name) => buildOne(name, [])));
  return await Promise.all(results.values());
}

export type ImageFlags = {
  readonly build?: boolean;
  readonly 'no-build'?: boolean;
  readonly 'quiet-build'?: boolean;
  readonly silent: boolean;
};

/** Before `up` and the like: what is missing, or with --build everything that can be built. */
export async function buildImages(
  engine: Engine,
  { stack, services }: Pick<UpRequest, 'stack' | 'services'>,
  flags: ImageFlags,
): Promise<void> {
  if (flags['no-build']) return;
  const names = await servicesToBuild(engine, { stack, services, always: flags.build ?? false });
  if (names.length === 0) return;
  const interrupt = listenForInterrupt('ending the build');
  try {
    const quiet = flags.silent || flags['quiet-build'];
    await showProgress({ signal: interrupt.signal, quiet }, (watch) => buildServices(engine, { stack, names }, watch));
  } finally {
    interrupt.close();
  }
}

/** Services that can be built and whose image is not there, or must be built each time. */
async function servicesToBuild(
  engine: Engine,
  {
    stack,
    services,
    always,
  }: { readonly stack: Stack; readonly services: readonly string[]; readonly always: boolean },
): Promise<string[]> {
  const buildable = buildableServices(stack, services);
  if (buildable.length === 0 || always) return buildable.map(({ name }) => name);
  const images = await engine.images();
  const there = new Set(images.flatMap((image) => image.names).map(canonical));
  return buildable
    .filter((one) => one.pullPolicy === 'build' || !there.has(canonical(one.image)))
    .map(({ name }) => name);
}

/** Of the named services and what they depend on; without names, of all. */
export function buildableServices(stack: Stack, names: readonly string[]): Service[] {
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const { service } of stack.services.find((one) => one.name === name)?.dependsOn ?? []) add(service);
  };
  for (const name of names.length === 0 ? stack.services.map((one) => one.name) : names) add(name);
  return stack.services.filter((one) => one.build !== null && wanted.has(one.name));
}

function canonical(name: string): string {
  return name === 'host' ? name : canonicalName(parseReference(name));
}

function servicesNeeded({ contexts }: ServiceBuild): string[] {
  return Object.values(contexts).flatMap((text) =>
    text.startsWith('service:') ? [text.slice('service:'.length)] : [],
  );
}

function serviceNamed(stack: Stack, name: string): Service {
  const service = stack.services.find((one) => one.name === name);
  if (service) return service;
  throw new BerthError('SERVICE_NOT_FOUND', `there is no service ${name} to build from`, {
    hint: `services: ${stack.services.map((one) => one.name).join(', ')}`,
  });
}

export function requestOf(stack: Stack, service: Service, changes: BuildChanges): BuildRequest {
  const build = service.build!;
  const context = contextOf(build.context);
  return {
    context,
    dockerfile: dockerfileOf(build, context, service.name),
    target: build.target,
    args: { ...build.args, ...changes.args },
    contexts: Object.fromEntries(
      Object.entries(build.contexts).map(([name, text]) => [name, namedContext(stack, text)] as const),
    ),
    names: [service.image, ...build.tags],
    output: null,
    labels: build.labels,
    platforms: build.platforms,
    noCache: changes.noCache || build.noCache,
    noCacheFilter: build.noCacheFilter,
    env: userEnvironment(process.env),
    pull: changes.pull || build.pull,
    network: build.network,
    secrets: build.secrets.map(readSecret),
    agents: [...build.agents, ...(changes.agents ?? [])].map(findAgent),
    extraHosts: build.extraHosts,
    shmBytes: build.shmBytes,
    ulimits: build.ulimits,
    annotations: {},
    memoryBytes: changes.memoryBytes ?? null,
    cacheFrom: build.cacheFrom,
    cacheTo: build.cacheTo,
  };
}

function contextOf(text: string): ContextPlace {
  return isGit(text) || /^(https?:|github\.com\/)/.test(text)
    ? { kind: 'git', url: gitUrl(text) }
    : { kind: 'folder', path: text };
}

function gitUrl(text: string): string {
  return text.startsWith('github.com/') ? `https://${text}` : text;
}

function dockerfileOf({ inline, dockerfile }: ServiceBuild, context: ContextPlace, service: string) {
  if (inline !== null) return { kind: 'inline', text: inline, title: `dockerfile_inline of ${service}` } as const;
  if (context.kind === 'folder')
    return { kind: 'file', path: resolve(context.path, dockerfile ?? 'Dockerfile') } as const;
  return { kind: 'in-context', path: dockerfile ?? 'Dockerfile' } as const;
}

function namedContext(stack: Stack, text: string): ContextPlace {
  if (!text.startsWith('service:')) return additionalContext(text, stack.projectDir);
  return { kind: 'image', reference: serviceNamed(stack, text.slice('service:'.length)).image };
}

function readSecret({ id, from }: BuildSecretSource): BuildRequest['secrets'][number] {
  switch (from.kind) {
    case 'file':
      return { id, base64: secretFile(id, from.path) };
    case 'text':
      return { id, base64: Buffer.from(from.text).toString('base64') };
    case 'variable': {
      const value = process.env[from.name];
      if (value !== undefined) return { id, base64: Buffer.from(value).toString('base64') };
      throw new BerthError('USAGE', `secret ${id}: the variable ${from.name} is not set`);
    }
  }
}
