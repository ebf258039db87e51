import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultsOf, loadService, webWith } from './stack-files.ts';

const options = fc.uniqueArray(
  fc.oneof(
    fc.integer({ min: 1, max: 9999 }).map((n) => `size=${n}k`),
    fc.integer({ min: 0, max: 0o7777 }).map((n) => `mode=${n.toString(8)}`),
    fc.nat(65_535).map((n) => `uid=${n}`),
    fc.nat(65_535).map((n) => `gid=${n}`),
    fc.integer({ min: 1, max: 9999 }).map((n) => `nr_inodes=${n}`),
    fc.constantFrom('ro', 'exec', 'suid', 'dev', 'noatime'),
  ),
  { selector: (option) => option.split('=')[0] },
);

test('every list of options is a mount that says the same', async () => {
  await fc.assert(
    fc.asyncProperty(options, async (list) => {
      const { mounts } = await loadService(`tmpfs: ["/t${list.length > 0 ? ':' : ''}${list.join(',')}"]`);

      const textOf = (name: string) => list.find((o) => o.startsWith(`${name}=`))?.slice(name.length + 1);
      const size = textOf('size');
      expect(mounts[0]).toEqual({
        kind: 'tmpfs',
        target: '/t',
        sizeBytes: size === undefined ? null : Number.parseInt(size, 10) * 1024,
        mode: textOf('mode') === undefined ? null : Number.parseInt(textOf('mode')!, 8),
        readOnly: list.includes('ro'),
        options: list.filter((o) => !/^(size=|mode=|ro$)/.test(o)),
      });
    }),
    { numRuns: 60 },
  );
});

test('a share of the memory is a size; what is no option is told', async () => {
  const { mounts } = await loadService('tmpfs: ["/t:size=25%"]');

  expect(mounts[0]).toMatchObject({ sizeBytes: null, options: ['size=25%'] });
  expect(await faultsOf(webWith('tmpfs: ["/t:mode=9", "/u:loop=1", "/v:uid=me"]'))).toMatchInlineSnapshot(`
    "stack.yaml:4:13 services.web.tmpfs[0]: "9" is no mode of a tmpfs (write it as /run:size=64m,mode=1777)
    stack.yaml:4:26 services.web.tmpfs[1]: "loop" is no option of a tmpfs (the options are size, mode, uid, gid, nr_inodes, ro, exec and the other flags of mount(8))
    stack.yaml:4:39 services.web.tmpfs[2]: "me" is no uid of a tmpfs (write it as /run:size=64m,mode=1777)"
  `);
});
