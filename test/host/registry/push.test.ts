/** Uploads as the registry sees them: what it is sent, in which pieces, and how it goes on after a break. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRegistry } from '../../../src/registry/registry.ts';
import { uploadBlob } from '../../../src/registry/upload.ts';
import { type FakeRegistry, fakeRegistry } from './fake-registry.ts';

let folder: string;
let registry: FakeRegistry;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'berth-push-'));
  registry = await fakeRegistry();
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean;
type Sessions = {
  readonly log: string[];
  readonly stored: Map<string, Buffer>;
  readonly begun: Map<string, Buffer>;
  /** May answer a PATCH or PUT itself, before its bytes count. */
  answer: Answer;
  /** Bytes of the next bodies after which the connection is cut; what came is kept. */
  cuts: number[];
  before: (method: string) => void;
  headers: Record<string, string>;
};

/** As Debian's docker-registry: what comes is added to what is there, whatever range it names. */
function sessions(): Sessions {
  const begun = new Map<string, Buffer>();
  const made: Sessions = {
    log: [],
    stored: new Map(),
    begun,
    answer: () => false,
    cuts: [],
    before: () => {},
    headers: {},
  };
  const told = (id: string) => {
    const size = begun.get(id)!.length;
    return { location: `/v2/app/blobs/uploads/${id}?state=${size}`, range: `0-${Math.max(0, size - 1)}` };
  };
  registry.trick(/\/blobs\//, async (request, response) => {
    const url = new URL(request.url!, 'http://x');
    const id = url.pathname.split('/').at(-1)!;
    const { method = '' } = request;
    made.log.push(`${method}${request.headers['content-range'] ? ` ${request.headers['content-range']}` : ''}`);
    if (method === 'HEAD') return false;
    if (method === 'POST') {
      if (made.answer(request, response, Buffer.alloc(0))) return true;
      const fresh = `s${made.log.length}`;
      begun.set(fresh, Buffer.alloc(0));
      response.writeHead(202, { ...made.headers, ...told(fresh) }).end();
      return true;
    }
    made.before(method);
    const had = begun.get(id);
    if (!had) return response.writeHead(404).end() && true;
    if (method === 'GET') return response.writeHead(204, told(id)).end() && true;
    /* A place of before: the registry has sent on from it. */
    if (url.searchParams.get('state') !== String(had.length)) return response.writeHead(400).end() && true;
    const cut = made.cuts.shift();
    const body = await bodyOf(request, cut);
    if (made.answer(request, response, body)) return true;
    begun.set(id, Buffer.concat([had, body]));
    if (cut !== undefined) return request.destroy() && true;
    if (method === 'PATCH') return response.writeHead(202, told(id)).end() && true;
    const digest = url.searchParams.get('digest')!;
    if (digest !== digestOf(begun.get(id)!)) return response.writeHead(400).end() && true;
    made.stored.set(digest, begun.get(id)!);
    begun.delete(id);
    return response.writeHead(201).end() && true;
  });
  return made;
}

async function bodyOf(request: IncomingMessage, cut = Number.POSITIVE_INFINITY): Promise<Buffer> {
  let body = Buffer.alloc(0);
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    body = Buffer.concat([body, chunk]);
    if (body.length >= cut) return body.subarray(0, cut);
  }
  return body;
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const CHUNK = 256 * 1024;
const patience = { attempts: 3, backoffMs: 1, slowMs: 1000, slowBytes: 1, maxWaitMs: 1000 };

/** Bytes that tell their place. */
async function upload(size: number, mountFrom: readonly string[] = []) {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(at, at);
  const path = join(folder, 'blob');
  writeFileSync(path, bytes);
  const opened = await openRegistry(registry.host, { env: { HOME: folder }, patience });
  const progress: number[] = [];
  try {
    const blob = { mediaType: 'x', digest: digestOf(bytes), size };
    const onProgress = (at: number) => void progress.push(at);
    const how = await uploadBlob({
      client: opened.main,
      repository: 'app',
      blob,
      path,
      mountFrom,
      onProgress,
      chunkBytes: CHUNK,
    });
    return { how, bytes, digest: blob.digest, progress };
  } finally {
    opened.close();
  }
}
const openFiles = () => readdirSync('/proc/self/fd').length;

test('a small blob goes whole, a large one in chunks that follow one another to each new place', async () => {
  const server = sessions();

  const small = await upload(CHUNK);
  const large = await upload(2 * CHUNK + 100);

  expect([small.how, large.how]).toEqual(['sent', 'sent']);
  expect(server.log).toEqual([
    ...['HEAD', 'POST', 'PUT'],
    ...[
      'HEAD',
      'POST',
      `PATCH 0-${CHUNK - 1}`,
      `PATCH ${CHUNK}-${2 * CHUNK - 1}`,
      `PATCH ${2 * CHUNK}-${2 * CHUNK + 99}`,
    ],
    'PUT',
  ]);
  expect(server.stored.get(large.digest)?.equals(large.bytes)).toBe(true);
  expect(large.progress.at(-1)).toBe(large.bytes.length);
});

test('an empty blob is sent too', async () => {
  const server = sessions();

  const { digest } = await upload(0);

  expect(server.stored.get(digest)).toHaveLength(0);
});

test.each([[[1]], [[100_000]], [[200_000, 1000]]])(
  'chunks that are cut after %j bytes go on from where the registry is',
  async (cuts) => {
    const server = sessions();
    server.cuts = [...cuts];

    const { digest, bytes } = await upload(3 * CHUNK);

    expect(server.stored.get(digest)?.equals(bytes)).toBe(true);
    expect(server.log.filter((line) => line === 'GET')).toHaveLength(cuts.length);
    const kept = cuts.reduce((sum, one) => (one === 1 ? 0 : sum + one), 0);
    expect(server.log.filter((line) => line.startsWith('PATCH'))[cuts.length]).toMatch(new RegExp(`^PATCH ${kept}-`));
  },
);

test('a blob that is cut while it goes whole is begun anew', async () => {
  const server = sessions();
  server.cuts = [1000, 2000];

  const { digest, bytes } = await upload(CHUNK);

  expect(server.log).toEqual(['HEAD', 'POST', 'PUT', 'POST', 'PUT', 'POST', 'PUT']);
  expect(server.stored.get(digest)?.equals(bytes)).toBe(true);
});

test('a registry that fails, or has forgotten the upload, gets it all the same', async () => {
  const server = sessions();
  let asked = 0;
  server.answer = ({ method }, response) => method === 'PATCH' && ++asked < 3 && response.writeHead(503).end() && true;
  const failing = await upload(2 * CHUNK);
  let patches = 0;
  server.before = (method) => method === 'PATCH' && ++patches === 2 && server.begun.clear();
  const forgotten = await upload(3 * CHUNK);

  for (const { digest, bytes } of [failing, forgotten]) expect(server.stored.get(digest)?.equals(bytes)).toBe(true);
});

test('chunks are not smaller than the registry wants them, and smaller where less is taken at a time', async () => {
  const server = sessions();
  server.headers = { 'oci-chunk-min-length': String(2 * CHUNK) };
  await upload(3 * CHUNK);
  expect(server.log).toContain(`PATCH 0-${2 * CHUNK - 1}`);
  server.headers = {};
  const limit = CHUNK / 4;
  server.answer = (_request, response, body) => body.length > limit && response.writeHead(413).end() && true;

  const [whole, chunked] = [await upload(CHUNK - 4), await upload(2 * CHUNK)];

  for (const { digest, bytes } of [whole, chunked]) expect(server.stored.get(digest)?.equals(bytes)).toBe(true);
});

test('a registry that takes nothing is given up, and no file stays open', async () => {
  const server = sessions();
  const before = openFiles();
  server.answer = (_request, response, body) => body.length > 0 && response.writeHead(413).end() && true;

  await expect(upload(2 * CHUNK)).rejects.toMatchObject({
    code: 'REGISTRY_FAILED',
    message: expect.stringContaining('takes no more'),
  });

  expect(server.log.length).toBeLessThan(20);
  await expect.poll(openFiles).toBeLessThanOrEqual(before);
});

test('what another repository has is mounted; a registry that can not mount gets the bytes', async () => {
  const server = sessions();
  const asked: string[] = [];
  server.answer = ({ method, url }, response) => {
    if (method === 'POST') asked.push(url!);
    return method === 'POST' && asked.length === 1 && response.writeHead(201).end() && true;
  };

  const mounted = await upload(1000, ['team/base']);
  const sent = await upload(1000, ['team/base']);

  expect([mounted.how, sent.how]).toEqual(['mounted', 'sent']);
  expect(asked).toEqual(
    asked.map(() => `/v2/app/blobs/uploads/?mount=${encodeURIComponent(sent.digest)}&from=team%2Fbase`),
  );
  /* The 202 is an upload that was begun: no second one is. */
  expect(server.log).toEqual(['HEAD', 'POST', 'HEAD', 'POST', 'PUT']);
});
