/**
 * Images that a build stands on: found, pulled where that is asked for, their configs for the graph.
 */
import { statSync } from 'node:fs';
import { BerthError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { HOST_BASE, type OciImage } from '../../image/image-config.ts';
import type { Dockerfile } from '../dockerfile/stages.ts';
import type { HostBase, Rootfs } from '../solve/rootfs.ts';
import type { BuildHost, ImageFinding } from '../solve/solving.ts';

export type FoundImage = { readonly image: Omit<OciImage, 'rootfs'>; readonly root: Rootfs };

const HOST = 'host';

/** Finds images one after the other; IMAGE_NOT_FOUND names the line that wants it. */
export function baseImages(host: BuildHost, file: Dockerfile, finding: ImageFinding) {
  const found = new Map<string, FoundImage>();
  const configs = new Map<string, FoundImage['image']>();
  return {
    found,
    configs,
    async find(references: readonly string[]): Promise<void> {
      await Promise.all(
        references.map(async (reference) => {
          const image = reference === HOST ? await hostImage(host) : await storedImage(host, reference, finding);
          if (!image) throw notFound(file, reference);
          found.set(reference, image);
          configs.set(reference, image.image);
        }),
      );
    },
  };
}

async function storedImage(host: BuildHost, reference: string, finding: ImageFinding): Promise<FoundImage | undefined> {
  const parts = await host.findImage(reference, finding);
  if (!parts) return undefined;
  const base = parts.image[HOST_BASE] === HOST ? await hostBase(host) : null;
  return { image: parts.image, root: { layers: parts.layers, host: base } };
}

async function hostImage(host: BuildHost): Promise<FoundImage> {
  const resolved = (await host.images.resolve(HOST))!;
  const { env, cmd } = resolved.config;
  const { os, arch } = host.platform;
  const image = { architecture: arch, os, config: { Env: env, Cmd: cmd, WorkingDir: '/' }, history: [] };
  return { image, root: { layers: [], host: await hostBase(host) } };
}

async function hostBase(host: BuildHost): Promise<HostBase> {
  const { id, lowers, binds } = (await host.images.resolve(HOST))!;
  return { id: `${id} ${toolchain()}`, lowers, binds };
}

/** What tells that other programs are installed: then a step may give something else. */
const TOOLCHAIN = [
  '/var/lib/dpkg/status',
  '/lib/apk/db/installed',
  '/var/lib/rpm',
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/lib',
];

function toolchain(): string {
  const stamps = TOOLCHAIN.map((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? `${stats.size}:${stats.mtimeMs}` : '-';
  });
  return [process.version, ...stamps].join(' ');
}

function notFound(file: Dockerfile, reference: string): BerthError {
  const stage = file.stages.find(({ from }) => from.image === reference);
  const near = nearest(reference, ['scratch', HOST, ...file.stages.flatMap(({ name }) => name ?? [])]);
  const pulling = `pull it first: \`berth pull ${reference}\`, or use FROM host`;
  const line = stage?.from.line ?? lineNaming(file, reference);
  return new BerthError('IMAGE_NOT_FOUND', `image ${reference} is not on this machine`, {
    at: line === undefined ? undefined : { file: file.file, line, col: 1 },
    hint: near === undefined ? pulling : `did you mean ${near}?`,
  });
}

function lineNaming({ source }: Dockerfile, reference: string): number | undefined {
  const index = source.lines.findIndex((line) => line.includes(reference));
  return index < 0 ? undefined : index + 1;
}
