/** index.json: names and nothing that could become a path. */
import { expect, test } from 'vitest';
import { indexOf, namesOf } from '../../../src/image/layout-index.ts';

const descriptor = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: `sha256:${'0'.repeat(64)}`,
  size: 7,
};

test('what is written is read again', () => {
  const names = new Map([
    ['docker.io/library/a:1', descriptor],
    ['docker.io/library/b:1', descriptor],
  ]);

  expect(namesOf(indexOf(names))).toEqual(names);
});

test('it is an OCI image index', () => {
  expect(JSON.parse(indexOf(new Map([['docker.io/library/a:1', descriptor]])))).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/a:1' } }],
  });
});

test.each(['sha256:../../../etc/passwd', 'sha256:', `sha512:${'0'.repeat(64)}`, `sha256:${'A'.repeat(64)}`, 7, null])(
  'an entry with the digest %j is left out',
  (digest) => {
    const annotations = { 'org.opencontainers.image.ref.name': 'a' };

    expect(namesOf(JSON.stringify({ manifests: [{ ...descriptor, digest, annotations }] })).size).toBe(0);
  },
);

test.each(['', '{', 'null', '[]', '{}', '{"manifests":7}', '\0\0\0'])('%j is no index', (text) => {
  expect(() => namesOf(text)).toThrow(Error);
});

test('a name like __proto__ is a name', () => {
  const names = new Map([['__proto__', descriptor]]);

  expect([...namesOf(indexOf(names)).keys()]).toEqual(['__proto__']);
});
