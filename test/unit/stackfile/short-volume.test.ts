import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseShortVolume } from '../../../src/stackfile/short-volume.ts';

const CASES = new URL('../../../../shared/data/loader-cases/volume.jsonl', import.meta.url);

type Case = {
  readonly in: string;
  readonly out?: {
    readonly type: string;
    readonly source?: string;
    readonly target: string;
    readonly read_only?: boolean;
    readonly bind?: { readonly propagation?: string; readonly selinux?: string };
    readonly volume?: { readonly nocopy?: boolean };
  };
};

test.skipIf(!existsSync(CASES))('short forms mean what they mean to another loader', () => {
  const cases = readFileSync(CASES, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);

  for (const { in: text, out } of cases) {
    const parsed = parseShortVolume(text);
    if (!out) expect([text, typeof parsed]).toEqual([text, 'string']);
    else
      expect([text, parsed]).toMatchObject([
        text,
        {
          type: out.type,
          target: out.target,
          readOnly: out.read_only ?? false,
          nocopy: out.volume?.nocopy ?? false,
          ...(out.source === undefined ? {} : { source: out.source }),
          ...(out.bind?.propagation === undefined ? {} : { propagation: out.bind.propagation }),
          ...(out.bind?.selinux === undefined ? {} : { selinux: out.bind.selinux }),
        },
      ]);
  }
  expect(cases.length).toBeGreaterThan(30);
});

const part = fc.stringMatching(/^[a-z0-9_.-]{2,12}$/);
const flags = fc.uniqueArray(fc.constantFrom('ro', 'nocopy', 'z', 'rslave', 'cached'));

test('any folder or name, target and options come back as they were', () => {
  fc.assert(
    fc.property(fc.boolean(), part, part, flags, (isFolder, source, target, options) => {
      const from = isFolder ? `./${source}` : `v${source}`;
      const text = [from, `/${target}`, ...(options.length > 0 ? [options.join(',')] : [])].join(':');

      expect(parseShortVolume(text)).toMatchObject({
        type: isFolder ? 'bind' : 'volume',
        source: from,
        target: `/${target}`,
        readOnly: options.includes('ro'),
        nocopy: options.includes('nocopy'),
        propagation: options.includes('rslave') ? 'rslave' : undefined,
        selinux: options.includes('z') ? 'z' : undefined,
        unknown: [],
      });
    }),
  );
});

test('no text whatever makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseShortVolume(text)));
});
