/**
 * `image: host`: a read-only root of this machine's own toolchain, made on the spot.
 *
 * The skeleton is made once and kept while nothing it is made of changes;
 * /usr is bound into each container. When the machine changes, a new skeleton
 * is made beside the old one, on which containers may stand.
 */
import { statSync } from 'node:fs';
import { diskFull, isDiskFull } from '../base/disk-full.ts';
import { type HostRoot, readHostRoot } from './host-root.ts';
import { type HostSkeletons, hostSkeletons, type Skeleton } from './host-skeleton.ts';
import type { ImageConfig, ImageInspect, ImageSummary, ResolvedImage } from './image.ts';
import { HOST_IMAGE } from './reference.ts';

const PATHS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** A look at some hundred files costs about a millisecond: one for a whole `up`. */
const FRESH_MS = 2_000;

export type HostImage = {
  /** Removes skeletons of another time on which no container stands. */
  open(): Promise<void>;
  resolve(): ResolvedImage;
  summarize(): ImageSummary;
  inspect(): ImageInspect;
};

export function hostImage(folder: string, readRoot: () => HostRoot = readHostRoot): HostImage {
  const skeletons = hostSkeletons(folder);
  let last: { readonly skeleton: Skeleton; readonly atMs: number } | undefined;
  const current = (): Skeleton => {
    if (last && performance.now() - last.atMs < FRESH_MS) return last.skeleton;
    last = { skeleton: findOrMake(skeletons, readRoot), atMs: performance.now() };
    return last.skeleton;
  };
  /* Makes nothing: a list is also wanted on a disk that is full. */
  const summarize = (): ImageSummary => {
    const found = skeletons.find();
    const createdAt = (found ? statSync(found.folder).mtime : new Date()).toISOString();
    const id = idOf(found?.digest ?? readRoot().digest);
    return { id, names: [HOST_IMAGE], sourceDigest: null, labels: {}, createdAt, sizeBytes: 0 };
  };
  return {
    open: () => skeletons.open(),
    resolve: () => imageOf(current()),
    summarize,
    inspect() {
      const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
      return { ...summarize(), config: configOf(current().programs), architecture, os: 'linux', layers: [] };
    },
  };
}

function findOrMake(skeletons: HostSkeletons, readRoot: () => HostRoot): Skeleton {
  try {
    return skeletons.find() ?? skeletons.make(readRoot());
  } catch (error) {
    throw isDiskFull(error) ? diskFull('the image store', error) : error;
  }
}

function imageOf({ digest, folder, programs, binds }: Skeleton): ResolvedImage {
  return { id: idOf(digest), reference: HOST_IMAGE, config: configOf(programs), lowers: [folder], binds };
}

function idOf(digest: string): string {
  return `sha256:${digest}`;
}

function configOf(programs: readonly string[]): ImageConfig {
  return {
    env: [`PATH=${[...programs, ...PATHS].join(':')}`],
    entrypoint: [],
    cmd: ['/bin/sh'],
    workingDir: '/',
    user: '',
    labels: {},
    exposedPorts: [],
    volumes: [],
    stopSignal: null,
    healthcheck: null,
  };
}
