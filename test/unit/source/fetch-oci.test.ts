/** Artifacts as `docker compose publish` makes them, and such as nobody should make, from a registry on loopback. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchSource } from '../../../src/source/fetch-source.ts';
import { type FakeRegistry, fakeRegistry, MANIFEST, sha } from '../../host/registry/fake-registry.ts';

let registry: FakeRegistry;
let dataRoot: string;
let asked: string[];

beforeEach(async () => {
  registry = await fakeRegistry();
  dataRoot = mkdtempSync(join(tmpdir(), 'berth-oci-'));
  asked = [];
});

afterEach(async () => {
  await registry.close();
  rmSync(dataRoot, { recursive: true, force: true });
});

type File = { readonly text: string; readonly type?: string; readonly annotations?: Readonly<Record<string, string>> };

const FILE = 'application/vnd.docker.compose.file+yaml';
const ENV = 'application/vnd.docker.compose.envfile';

function publish(tag: string, files: readonly File[], change: Readonly<Record<string, unknown>> = {}): string {
  return registry.manifest(tag, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: 'application/vnd.docker.compose.project',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...registry.blob(Buffer.from('{}')) },
    layers: files.map(({ text, type = FILE, annotations = { 'com.docker.compose.file': 'compose.yaml' } }) => ({
      mediaType: type,
      ...registry.blob(Buffer.from(text)),
      annotations,
    })),
    ...change,
  });
}

const fetchIt = async (reference: string) =>
  await fetchSource(`oci://${registry.host}/team/app${reference}`, {
    dataRoot,
    env: { HOME: dataRoot, DOCKER_CONFIG: dataRoot },
    consent: async (_title, version) => void asked.push(version ?? 'first contact'),
  });
const refused = async (...args: Parameters<typeof publish>) => {
  publish(...args);
  const error: unknown = await fetchIt(`:${args[0]}`).catch((cause: unknown) => cause);
  return (error as Error).message.replace(registry.host, 'HOST');
};

test('its files, those of extends and of variables are written; a digest that is there needs no registry', async () => {
  const digest = publish('1', [
    { text: 'services: {web: {image: host}}\n' },
    { text: 'services: {web: {user: me}}\n' },
    {
      text: 'services: {}\n',
      annotations: { 'com.docker.compose.extends': 'true', 'com.docker.compose.file': 'ab12.yaml' },
    },
    { text: 'A=1\n', type: ENV, annotations: { 'com.docker.compose.envfile': 'cd34.env' } },
  ]);

  const { root } = await fetchIt(':1');
  const requests = registry.seen.length;
  const again = await fetchIt(`@${digest}`);

  expect(readdirSync(root).sort()).toEqual(['ab12.yaml', 'cd34.env', 'compose.yaml']);
  expect(readFileSync(join(root, 'compose.yaml'), 'utf8')).toBe(
    'services: {web: {image: host}}\n\n---\nservices: {web: {user: me}}\n',
  );
  expect([again.root, registry.seen.length]).toEqual([root, requests]);
  expect(asked).toEqual(['first contact']);
});

test('a tag that means something else now is asked for again', async () => {
  publish('1', [{ text: 'services: {}\n' }]);
  await fetchIt(':1');
  const second = publish('1', [{ text: 'services: {a: {image: host}}\n' }]);

  const { root } = await fetchIt(':1');

  expect(asked).toEqual(['first contact', second.replace('sha256:', '')]);
  expect(readFileSync(join(root, 'compose.yaml'), 'utf8')).toContain('a:');
});

test('what is no such artifact, or would write elsewhere, is refused, and nothing of it stays', async () => {
  const named = (name: string) => ({
    text: '',
    annotations: { 'com.docker.compose.extends': 'true', 'com.docker.compose.file': name },
  });
  const told = [
    await refused('up', [named('../x.yaml')]),
    await refused('abs', [named('/x.yaml')]),
    await refused('own', [named('compose.yaml')]),
    await refused('twice', [named('a'), named('a')]),
    await refused('below', [named('a'), named('a/b')]),
    await refused('none', []),
    await refused('image', [], { artifactType: 'application/x' }),
    await refused('digest', [], { layers: [{ mediaType: FILE, digest: '../../x', size: 1 }] }),
    await refused('list', [], { layers: 1 }),
  ];
  const lie = Buffer.from('services: {}\n');
  const layer = { mediaType: FILE, digest: sha('other'), size: lie.length };
  registry.trick(/blobs/, (_request, response) => Boolean(response.end(lie)));
  told.push(await refused('lie', [], { layers: [layer] }));

  expect(told.map((line) => line.replace(/[0-9a-f]{60,}/g, 'HEX'))).toMatchInlineSnapshot(`
    [
      "oci://HOST/team/app:up can not be used: one of its files is called "../x.yaml"",
      "oci://HOST/team/app:abs can not be used: one of its files is called "/x.yaml"",
      "oci://HOST/team/app:own can not be used: one of its files is called "compose.yaml"",
      "oci://HOST/team/app:twice can not be used: two files have one name",
      "oci://HOST/team/app:below can not be used: two files have one name",
      "oci://HOST/team/app:none can not be used: it has no stack file",
      "oci://HOST/team/app:image can not be used: it is "application/x", not application/vnd.docker.compose.project",
      "oci://HOST/team/app:digest can not be used: a layer has no digest of SHA-256",
      "oci://HOST/team/app:list can not be used: its layers are no list, or too many",
      "oci://HOST/team/app:lie can not be used: a file has the digest sha256:HEX and not sha256:HEX",
    ]
  `);
  expect(existsSync(join(dataRoot, 'sources/oci'))).toBe(false);
  expect(readdirSync(join(dataRoot, 'sources/unfinished'))).toEqual([]);
});
