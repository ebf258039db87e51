/**
 * The engine's side of builds: lends them drivers, counts them, keeps their cache in bounds.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BerthError, type Diagnostic } from '../../base/errors.ts';
import { limiter } from '../../base/limiter.ts';
import type { Roots } from '../../base/roots.ts';
import { type BuildRequest, type BuildResult, build, check } from '../../build/build.ts';
import { fileDigests } from '../../build/context/file-digests.ts';
import { type Provenance, provenanceStore } from '../../build/provenance.ts';
import { buildCache, type CacheEntry } from '../../build/solve/build-cache.ts';
import type { BuildHost } from '../../build/solve/solving.ts';
import type { ImageDriver } from '../../image/image.ts';
import { HOST_IMAGE } from '../../image/reference.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Watch } from '../engine.ts';
import type { BuildNetwork } from './build-network.ts';

export type Builds = {
  open(): Promise<void>;
  /** Of builds under way. */
  count(): number;
  build(request: BuildRequest, watch?: Watch): Promise<BuildResult>;
  check(request: BuildRequest): Promise<Diagnostic[]>;
  cache(): Promise<CacheEntry[]>;
  /** Bytes of layers that are no longer kept for builds. */
  prune(keepBytes: number): Promise<number>;
  /** How an image was built here; undefined when it was not. */
  provenance(image: string): Promise<Provenance | undefined>;
  readonly network: BuildNetwork;
};

export type BuildsOptions = {
  readonly roots: Roots;
  readonly executor: string;
  readonly images: ImageDriver;
  readonly runtime: Runtime;
  readonly parentCgroup: string;
  readonly network: BuildNetwork;
};

/** Beyond it the least recently used layers go after a build. */
const CACHE_BYTES = 20 * 1024 ** 3;

export function openBuilds(options: BuildsOptions): Builds {
  const { roots, executor, images, runtime, parentCgroup, network } = options;
  const folder = join(roots.data, 'build');
  const cache = buildCache(join(folder, 'cache'), images);
  const digests = fileDigests();
  const provenance = provenanceStore(join(folder, 'provenance'), images.blobPath);
  let count = 0;

  const host: BuildHost = {
    folder,
    runDir: join(roots.run, 'b'),
    executor,
    images,
    runtime,
    parentCgroup,
    cache,
    digests,
    provenance,
    platform: { os: 'linux', arch: process.arch === 'x64' ? 'amd64' : process.arch, variant: '' },
    emptyFolder: join(folder, 'empty'),
    async findImage(reference, { pull, env, signal }) {
      const known = pull ? undefined : await images.parts(reference);
      if (known) return known;
      await images.pull(reference, { env, signal });
      return await images.parts(reference);
    },
    attach: network.attach,
    inTurn: limiter(Math.max(2, availableParallelism())),
  };

  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1;
    try {
      return await work();
    } finally {
      count -= 1;
      if (count === 0) await network.close();
    }
  };

  return {
    network,
    async open() {
      for (const name of ['work', 'empty', 'mounts', 'cache'])
        mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
      mkdirSync(host.runDir, { recursive: true, mode: 0o700 });
      for (const left of [join(folder, 'work'), host.runDir]) clear(left);
      await cache.open();
      await provenance.tidy();
    },
    count: () => count,
    build: (request, watch) =>
      counted(async () => {
        refuseOther(request, host);
        const signal = watch?.signal ?? new AbortController().signal;
        const onEvent = (event: Parameters<Parameters<typeof build>[2]['onEvent']>[0]) =>
          watch?.onEvent?.({ type: 'build', event });
        const result = await build(host, request, { signal, onEvent });
        if ((await cache.prune(CACHE_BYTES)) > 0) await images.sweep();
        return result;
      }),
    check: (request) => check(host, request, new AbortController().signal),
    provenance: provenance.find,
    cache: () => cache.list(),
    async prune(keepBytes) {
      const freed = await cache.prune(keepBytes);
      /* Folders of --mount=type=cache have no use of their own: they go with all the rest only. */
      if (keepBytes === 0 && count === 0) clear(join(folder, 'mounts'));
      await images.sweep();
      await provenance.tidy();
      return freed;
    },
  };
}

/** What builds of an engine that was killed left behind. */
function clear(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Platforms are those of this machine: there is no emulator in berth. */
function refuseOther({ platforms, names }: BuildRequest, { platform }: BuildHost): void {
  const own = `${platform.os}/${platform.arch}`;
  const other = platforms.find((one) => one !== own && !one.startsWith(`${own}/`));
  if (other !== undefined) {
    throw new BerthError('REQUEST_INVALID', `an image for ${other} can not be built on this machine (${own})`, {
      hint: `build for ${own}, or build on a machine of that kind`,
    });
  }
  if (names.includes(HOST_IMAGE)) {
    throw new BerthError('IMAGE_REFERENCE_INVALID', "`host` is the reserved name of this machine's own root", {
      hint: 'choose another name',
    });
  }
}
