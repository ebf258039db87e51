/** Docker's grammar of image references. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalName, familiarName, parseReference } from '../../../src/image/reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['redis', 'docker.io/library/redis:latest', 'redis:latest'],
  ['redis:7', 'docker.io/library/redis:7', 'redis:7'],
  ['library/redis:7', 'docker.io/library/redis:7', 'redis:7'],
  ['docker.io/redis:7', 'docker.io/library/redis:7', 'redis:7'],
  ['docker.io/library/redis:7', 'docker.io/library/redis:7', 'redis:7'],
  ['index.docker.io/library/redis:7', 'docker.io/library/redis:7', 'redis:7'],
  ['bitnami/redis:7', 'docker.io/bitnami/redis:7', 'bitnami/redis:7'],
  ['library/a/b:1', 'docker.io/library/a/b:1', 'library/a/b:1'],
  ['ghcr.io/team/app:1.2', 'ghcr.io/team/app:1.2', 'ghcr.io/team/app:1.2'],
  ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest', 'localhost:5000/app:latest'],
  ['[::1]:5000/app:x', '[::1]:5000/app:x', '[::1]:5000/app:x'],
  ['HOST/app', 'HOST/app:latest', 'HOST/app:latest'],
  ['a__b--c/d.e_f:V1.0-x_y', 'docker.io/a__b--c/d.e_f:V1.0-x_y', 'a__b--c/d.e_f:V1.0-x_y'],
  [`redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`, `redis@${DIGEST}`],
  [`redis:7@${DIGEST}`, `docker.io/library/redis:7@${DIGEST}`, `redis:7@${DIGEST}`],
])('%s is %s in full and %s for people', (text, canonical, familiar) => {
  const name = canonicalName(parseReference(text));

  expect([name, familiarName(name)]).toEqual([canonical, familiar]);
});

describe('what is no reference is refused with the reason', () => {
  test.each([
    ['', 'it has no name'],
    [':7', 'it has no name'],
    ['Redis', 'names are lower case'],
    ['redis:', '"" is no tag'],
    ['redis:.x', '".x" is no tag'],
    [`redis:${'x'.repeat(129)}`, 'is no tag'],
    ['redis:7:8', 'is no name'],
    ['a//b', '"a//b" is no name'],
    ['/redis', 'is no name'],
    ['redis/', 'is no name'],
    ['a___b', 'is no name'],
    ['-a', 'is no name'],
    ['../../etc', 'is no host name'],
    ['redis 7', 'is no name'],
    ['http://ghcr.io/app', 'is no host name'],
    ['redis@sha256:abc', 'is no digest'],
    ['redis@', '"" is no digest'],
    [`${'a'.repeat(256)}`, 'is no name'],
  ])('%j', (text, why) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ code: 'IMAGE_REFERENCE_INVALID', message: expect.stringContaining(why) }) as Error,
    );
  });
});

test('the familiar form of any reference means the same as its full form', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?$/);
  const name = fc.tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.stringMatching(/^\w[\w.-]{0,9}$/));

  fc.assert(
    fc.property(name, ([parts, tag]) => {
      const canonical = canonicalName(parseReference(`docker.io/${parts.join('/')}:${tag}`));
      expect(canonicalName(parseReference(familiarName(canonical)))).toBe(canonical);
    }),
  );
});

test('any text is either parsed or refused as what it is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      try {
        const { path } = parseReference(text);
        expect(path).not.toContain('..');
      } catch (error) {
        expect(error).toMatchObject({ code: 'IMAGE_REFERENCE_INVALID' });
      }
    }),
  );
});
