/**
 * `image: host`: a read-only root of this machine's own toolchain, made on the spot.
 *
 * The skeleton lies in `<data>/host-image/DIGEST` and is made once; /usr is
 * bound into each container. When the machine's /etc changes in what is
 * copied, a new skeleton is made beside the old one, which containers may use.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type HostRoot, readHostRoot } from './host-root.ts';
import type { ImageConfig, ImageInspect, ResolvedImage } from './image.ts';
import { HOST_IMAGE } from './reference.ts';

const PATHS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** A look at the machine's /etc costs some milliseconds: one for a whole `up`. */
const FRESH_MS = 5_000;

export type HostImage = { resolve(): ResolvedImage; inspect(): ImageInspect };

export function hostImage(dataDir: string): HostImage {
  let last: { readonly image: ResolvedImage; readonly atMs: number } | undefined;
  const resolve = (): ResolvedImage => {
    if (last && performance.now() - last.atMs < FRESH_MS && existsSync(last.image.lowers[0]!)) return last.image;
    const root = readHostRoot();
    const image = imageOf(root, makeSkeleton(join(dataDir, 'host-image'), root));
    last = { image, atMs: performance.now() };
    return image;
  };
  return {
    resolve,
    inspect() {
      const { id, config } = resolve();
      const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
      return { id, names: [HOST_IMAGE], createdAt: new Date(0).toISOString(), sizeBytes: 0, config, architecture, os: 'linux', layers: [] };
    },
  };
}

function imageOf({ binds, programs, digest }: HostRoot, lower: string): ResolvedImage {
  return { id: `sha256:${digest}`, reference: HOST_IMAGE, config: configOf(programs), lowers: [lower], binds };
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
  };
}

/** Made under another name and renamed: a half one is never used. */
function makeSkeleton(folder: string, { entries, digest, binds }: HostRoot): string {
  const path = join(folder, digest.slice(0, 32));
  if (existsSync(path)) return path;
  const part = `${path}.part-${process.pid}`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o755 });
  for (const entry of entries) {
    const target = join(part, entry.path);
    mkdirSync(dirname(target), { recursive: true });
    if (entry.kind === 'link') symlinkSync(entry.target, target);
    else if (entry.kind === 'file') writeFileSync(target, entry.content, { mode: entry.mode });
    else {
      mkdirSync(target, { recursive: true });
      chmodSync(target, entry.mode);
    }
  }
  for (const { target } of binds) mkdirSync(join(part, target), { recursive: true });
  renameSync(part, path);
  return path;
}
