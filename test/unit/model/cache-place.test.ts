import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { parseCacheFrom, parseCacheTo } from '../../../src/model/cache-place.ts';

const resolve = (path: string) => `/project/${path}`;

test('places of caches are read as docker writes them', () => {
  expect(
    ['app:cache', 'type=registry,ref=r.example/app:c', 'type=local,src=c', 'type=local,src=c,tag=main'].map(from),
  ).toMatchInlineSnapshot(`
      [
        "{"kind":"registry","reference":"app:cache"}",
        "{"kind":"registry","reference":"r.example/app:c"}",
        "{"kind":"local","path":"/project/c","tag":"latest"}",
        "{"kind":"local","path":"/project/c","tag":"main"}",
      ]
    `);
  expect(
    ['type=inline', 'type=local,dest=c,mode=max', 'type=registry,ref=a/b,ignore-error=true,mode=min'].map(to),
  ).toMatchInlineSnapshot(`
      [
        "{"kind":"inline"}",
        "{"kind":"local","path":"/project/c","tag":"latest","mode":"max","mayFail":false}",
        "{"kind":"registry","reference":"a/b","mode":"min","mayFail":true}",
      ]
    `);
});

test('what is not known is named, with what to do instead', () => {
  expect(['type=gha', 'type=local', 'type=local,src=x,zone=1', 'type=', ''].map(from)).toMatchInlineSnapshot(`
    [
      "cache type=gha is not supported by berth (GitHub's service takes it from their own builder only: write a folder (type=local) and keep it with their cache action)",
      "cache type=local has no src (add src=...)",
      "cache type=local,src=x,zone=1: zone is not known there (known: src, tag)",
      "cache type= is not supported by berth (it is local or registry)",
      "cache  has no type (it is local or registry)",
    ]
  `);
  expect(
    [
      'type=s3,bucket=x',
      'type=local,dest=x,mode=all',
      'type=local,dest=x,compression=zstd',
      'type=registry,ref=x,oci-mediatypes=false',
      'type=local,dest=x,dest=y',
      'type=inline,mode=max',
    ].map(to),
  ).toMatchInlineSnapshot(`
    [
      "cache type=s3 is not supported by berth (write a folder (type=local) and copy it, or use a registry)",
      "cache type=local,dest=x,mode=all: mode is min or max, not all ()",
      "cache type=local,dest=x,compression=zstd: compression is not known there (known: mode, ignore-error, oci-mediatypes, image-manifest, dest, tag)",
      "cache type=registry,ref=x,oci-mediatypes=false: oci-mediatypes is always true in berth ()",
      "cache type=local,dest=x,dest=y: dest is given twice ()",
      "cache type=inline,mode=max: mode is not known there (known: oci-mediatypes, image-manifest)",
    ]
  `);
});

function from(text: string): unknown {
  return outcome(() => parseCacheFrom(text, resolve));
}

function to(text: string): unknown {
  return outcome(() => parseCacheTo(text, resolve));
}

function outcome(read: () => unknown): unknown {
  try {
    return JSON.stringify(read());
  } catch (error) {
    return error instanceof BerthError ? `${error.message} (${error.hint ?? ''})` : error;
  }
}
