/** A registry on loopback that can be made to lie: images of layers in memory, and answers that a test puts in place of its own. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { tar } from '../untar/tar-archive.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
};
/** true: it has answered. `count`: how often this path was asked, from 1. */
export type Trick = (request: IncomingMessage, response: ServerResponse, count: number) => boolean | Promise<boolean>;

export type FakeRegistry = {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly seen: Seen[];
  blob(bytes: Buffer): { digest: string; size: number };
  manifest(reference: string, value: unknown, type?: string): string;
  /** An image of layers with these texts; the layers' blobs. */
  image(reference: string, texts: readonly string[], options?: ImageOptions): Made;
  trick(path: RegExp, trick: Trick): void;
  close(): Promise<void>;
};

export type ImageOptions = {
  readonly architecture?: string;
  readonly change?: (manifest: Record<string, unknown>, config: Record<string, unknown>) => void;
  readonly compress?: (bytes: Buffer) => Buffer;
  readonly padding?: number;
};
export type Made = {
  readonly digest: string;
  readonly layers: readonly { readonly digest: string; readonly size: number; readonly bytes: Buffer }[];
};

export const sha = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const noise = (size: number, seed: string) => {
  const parts: Buffer[] = [];
  let last = Buffer.from(seed);
  for (let length = 0; length < size; length += 32) {
    last = createHash('sha256').update(last).digest();
    parts.push(last);
  }
  return Buffer.concat(parts).subarray(0, size);
};

/** `netns`: a named network namespace on whose loopback it listens, instead of this process's own. */
export async function fakeRegistry(netns?: string): Promise<FakeRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { bytes: Buffer; type: string }>();
  const tricks: { path: RegExp; trick: Trick }[] = [];
  const seen: Seen[] = [];
  const counts = new Map<string, number>();

  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    seen.push({
      method: request.method ?? '',
      path,
      authorization: request.headers.authorization,
      range: request.headers.range,
    });
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    for (const { path: pattern, trick } of tricks) {
      if (pattern.test(path) && (await trick(request, response, count))) return;
    }
    serve(path, request, response);
  };
  const serve = (path: string, request: IncomingMessage, response: ServerResponse) => {
    if (path === '/v2/') return response.end('{}');
    const [, kind, reference = ''] = /\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
    if (kind === 'manifests') {
      const found = manifests.get(reference);
      if (!found) return missing(response);
      response.writeHead(200, {
        'content-type': found.type,
        'docker-content-digest': sha(found.bytes),
        'content-length': found.bytes.length,
      });
      return response.end(request.method === 'HEAD' ? undefined : found.bytes);
    }
    const bytes = blobs.get(reference);
    if (!bytes) return missing(response);
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (request.headers.range === undefined) response.writeHead(200, { 'content-length': bytes.length });
    else
      response.writeHead(206, {
        'content-length': bytes.length - from,
        'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      });
    return response.end(bytes.subarray(from));
  };
  const socket = netns === undefined ? undefined : await socketIn(netns);
  await new Promise<void>((resolve) => {
    if (socket) server.listen(socket, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });

  const registry: FakeRegistry = {
    host: `127.0.0.1:${((socket ?? server).address() as AddressInfo).port}`,
    seen,
    blob(bytes) {
      blobs.set(sha(bytes), bytes);
      return { digest: sha(bytes), size: bytes.length };
    },
    manifest(reference, value, type = MANIFEST) {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
      manifests.set(reference, { bytes, type });
      manifests.set(sha(bytes), { bytes, type });
      return sha(bytes);
    },
    image(
      reference,
      texts,
      { architecture = process.arch === 'x64' ? 'amd64' : process.arch, change, compress = gzipSync, padding = 0 } = {},
    ) {
      const tars = texts.map((text) =>
        tar(
          { path: 'bin/' },
          { path: `bin/${text}`, content: text, mode: 0o755 },
          { path: 'noise', content: noise(padding, text) },
        ),
      );
      const layers = tars.map((bytes) => ({ ...registry.blob(compress(bytes)), bytes: compress(bytes) }));
      const config: Record<string, unknown> = {
        architecture,
        os: 'linux',
        config: { Cmd: [`/bin/${texts[0]}`] },
        rootfs: { type: 'layers', diff_ids: tars.map(sha) },
      };
      const manifest: Record<string, unknown> = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        layers: layers.map(({ digest, size }) => ({
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest,
          size,
        })),
      };
      change?.(manifest, config);
      manifest.config ??= {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        ...registry.blob(Buffer.from(JSON.stringify(config))),
      };
      return { digest: registry.manifest(reference, manifest), layers };
    },
    trick: (path, trick) => void tricks.push({ path, trick }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return registry;
}

/** A process in there opens the socket and hands it over. */
async function socketIn(netns: string): Promise<Server> {
  const open = `const s = require('net').createServer().listen(0, '127.0.0.1', () => process.send(0, s, () => process.exit()))`;
  const child = spawn('nsenter', [`--net=/run/netns/${netns}`, process.execPath, '-e', open], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return await new Promise((resolve, reject) => {
    child.once('message', (_, socket) => resolve(socket as Server));
    child.once('error', reject);
  });
}

function missing(response: ServerResponse) {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
}
