/** Whatever happens to a folder, after mirror() of the names that were touched the other one is the same. */
import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentsOf, type MirrorWorld, mirrorWorld } from './mirror-world.ts';

type Change =
  | { readonly kind: 'file'; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly kind: 'folder' | 'remove'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'move'; readonly path: string; readonly to: string };

const name = fc.constantFrom('a', 'b', 'B', 'c c', 'ünï', '.hidden', '-dash');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    path,
    text: fc.string({ maxLength: 20 }),
    mode: fc.constantFrom(0o644, 0o755, 0o600, 0o4711),
  }),
  fc.record({ kind: fc.constantFrom('folder' as const, 'remove' as const), path }),
  fc.record({ kind: fc.constant('link' as const), path, to: fc.constantFrom('a', '../b', '/etc/passwd', 'nowhere') }),
  fc.record({ kind: fc.constant('move' as const), path, to: path }),
);

test('a random sequence of changes, brought over after each few, leaves both folders the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), async (rounds) => {
      const world = mirrorWorld();
      try {
        for (const changes of rounds) {
          const before = Object.keys(contentsOf(world.source));
          for (const one of changes) apply(world, one);
          const names = [...new Set([...before, ...Object.keys(contentsOf(world.source))])].sort(byParts);
          const { left } = await world.mirror(names);
          expect(left).toEqual([]);
          expect(contentsOf(world.there(''))).toEqual(contentsOf(world.source));
        }
      } finally {
        world.close();
      }
    }),
    { numRuns: 60 },
  );
});

/** What can not be done where it is told, since something else is there, is not. */
function apply(world: MirrorWorld, one: Change): void {
  const place = world.here(one.path);
  if (!isInFolders(world, one.path) || (one.kind !== 'remove' && one.kind !== 'move' && !clear(place))) return;
  switch (one.kind) {
    case 'file':
      writeFileSync(place, one.text);
      chmodSync(place, one.mode);
      break;
    case 'folder':
      mkdirSync(place);
      break;
    case 'link':
      symlinkSync(one.to, place);
      break;
    case 'remove':
      rmSync(place, { recursive: true, force: true });
      break;
    case 'move':
      if (!exists(place) || !isInFolders(world, one.to) || `${one.to}/`.startsWith(`${one.path}/`)) return;
      if (`${one.path}/`.startsWith(`${one.to}/`) || !clear(world.here(one.to))) return;
      renameSync(place, world.here(one.to));
  }
}

/** The folders above are there, or are made. */
function isInFolders(world: MirrorWorld, path: string): boolean {
  const parts = dirname(path)
    .split('/')
    .filter((part) => part !== '.');
  for (let i = 1; i <= parts.length; i++) {
    const folder = world.here(parts.slice(0, i).join('/'));
    if (!exists(folder)) mkdirSync(folder);
    if (!lstatSync(folder).isDirectory()) return false;
  }
  return true;
}

function clear(place: string): boolean {
  rmSync(place, { recursive: true, force: true });
  return !existsSync(place);
}

function exists(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}

function byParts(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}
