/** Real folders and the real kernel: what is told of changes, and what ignored folders cost. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileChange } from '../../../src/watch/file-change.ts';
import { type FileWatch, fileWatch } from '../../../src/watch/file-watch.ts';
import { ruleFilter } from '../../../src/watch/rule-filter.ts';

let root: string;
let open: FileWatch[];

beforeEach(() => {
  /* In memory: thousands of files cost nothing there. */
  root = mkdtempSync('/dev/shm/berth-watch-');
  open = [];
});

afterEach(async () => {
  for (const one of open) await one.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string) => join(root, 'src', path);

function write(path: string, text = 'x'): void {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
}

type More = { readonly ignore?: readonly string[]; readonly path?: string };

/** Watches src; `changes` resolves with what was told by the time that all of `until` was. */
async function watching({ ignore = [], path = 'src' }: More = {}) {
  const rule = { path: join(root, path), action: 'restart', target: null, ignore, include: [] } as const;
  const touched = new Set<string>();
  const said: string[] = [];
  let heard: () => void = () => {};
  const watch = fileWatch({
    filters: [ruleFilter({ ...rule, initialSync: false, exec: null })],
    onTouched: (one) => {
      touched.add(one);
      heard();
    },
    onPolling: (text) => void said.push(text),
  });
  open.push(watch);
  await watch.ready;
  const changes = async (...until: readonly string[]): Promise<string[]> => {
    const all = new Map<string, FileChange['kind']>();
    const told = () => until.every((one) => [...all].some(([name, kind]) => `${kind} ${name}` === one));
    while (!told()) {
      const next = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const paths = new Set(touched);
      touched.clear();
      for (const change of await watch.settle(paths, 0)) all.set(relative(join(root, 'src'), change.path), change.kind);
      if (!told() && touched.size === 0) await next;
    }
    return [...all].map(([name, kind]) => `${kind} ${name}`).sort();
  };
  return { watch, changes, said };
}

test('a file that is written, made, renamed or removed is told', async () => {
  write('a.js');
  write('b.js');
  write('c.js');
  const { changes } = await watching();

  write('a.js', 'y');
  renameSync(at('b.js'), at('B.js'));
  rmSync(at('c.js'));
  write('d.js');

  expect(await changes('written a.js', 'removed b.js', 'written B.js', 'removed c.js', 'written d.js')).toHaveLength(5);
});

test('an editor that writes beside the file and renames tells of the file alone', async () => {
  write('a.js');
  const { changes } = await watching();

  writeFileSync(at('tmp-1234'), 'new');
  renameSync(at('tmp-1234'), at('a.js'));
  writeFileSync(at('.a.js.swp'), '');
  rmSync(at('.a.js.swp'));

  expect(await changes('written a.js')).toEqual(['written a.js']);
});

test('new folders are told with all that is in them, links are links', async () => {
  write('a.js');
  const { changes } = await watching();

  write('x/y/z/deep.js');
  symlinkSync('/', at('x/everything'));

  expect(await changes('written x/y/z/deep.js', 'written x/everything')).toContain('written x/y');
});

test('a folder that is removed, moved away or replaced tells of what was in it, and of what comes later', async () => {
  for (const name of ['gone/a.js', 'moved/b.js', 'same/c.js', 'same/old.js']) write(name);
  const { changes } = await watching();

  rmSync(at('gone'), { recursive: true });
  renameSync(at('moved'), at('there'));
  rmSync(at('same'), { recursive: true });
  write('same/c.js', 'new');
  await changes(
    'removed gone/a.js',
    'removed moved/b.js',
    'written there/b.js',
    'removed same/old.js',
    'written same/c.js',
  );
  write('same/later.js');
  write('there/later.js');

  expect(await changes('written same/later.js', 'written there/later.js')).not.toContain('removed same/c.js');
});

test('the path itself may go and come again', async () => {
  write('a.js');
  const { changes } = await watching();

  rmSync(join(root, 'src'), { recursive: true });
  await changes('removed a.js');
  write('b.js');

  expect(await changes('written b.js')).toContain('written b.js');
});

test('a path that is one file is watched through its folder', async () => {
  write('a.js');
  const { changes, watch } = await watching({ path: 'src/a.js' });

  write('b.js');
  writeFileSync(at('tmp'), 'new');
  renameSync(at('tmp'), at('a.js'));

  expect(await changes('written a.js')).toEqual(['written a.js']);
  expect(watch.counts()).toEqual({ folders: 1, paths: 1, polled: 0 });
});

test('what is ignored is neither read nor watched', async () => {
  for (let i = 0; i < 20; i += 1)
    for (const folder of ['node_modules', '.git', 'cache', 'kept']) write(`${folder}/${i}/f`);
  const { watch } = await watching({ ignore: ['cache'] });

  /* src with kept and its 20 folders, and the folder above src. */
  expect(watch.counts()).toEqual({ folders: 23, paths: 42, polled: 0 });
});

test('when the kernel had more to tell than it keeps, nothing is missed', async () => {
  for (let i = 0; i < 1_000; i += 1) write(`${i % 10}/f${i}`);
  const { changes } = await watching();

  /* Twenty thousand events while nobody listens: more than the kernel keeps. */
  const touchAll = 'for i in $(seq 20); do for d in src/*; do touch $d/*; done; done';
  execFileSync('sh', ['-c', `${touchAll}; rm -r src/7; mkdir -p src/n/m; echo > src/n/m/f`], { cwd: root });
  const all = await changes('written n/m/f', 'removed 7/f997', 'written 9/f999');

  expect(all.filter((line) => line.startsWith('written') && /\/f\d/.test(line))).toHaveLength(900);
});
