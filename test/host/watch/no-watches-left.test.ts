/**
 * A kernel that gives no further inotify watch: a user namespace with a limit of its own, so that nobody else notices.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../../src/watch');

/* Says what it watches, then each change. */
const PROGRAM = `
  import { fileWatch } from '${SRC}/file-watch.ts';
  import { ruleFilter } from '${SRC}/rule-filter.ts';
  const say = (value) => console.log(JSON.stringify(value));
  const rule = { path: process.argv[2] + '/src', action: 'restart', target: null, ignore: ['left'], include: [] };
  const watch = fileWatch({
    filters: [ruleFilter({ ...rule, initialSync: false, exec: null })],
    onTouched: async (path) => { for (const change of await watch.settle(new Set([path]), 0)) say({ change }); },
    onPolling: (text) => say({ said: text }),
  });
  watch.ready.then(() => say({ ready: watch.counts() }));
  setInterval(() => {}, 1000);
`;

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-watches-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program with at most `limit` watches; answers with the next line that `isMeant`, and all before it. */
async function watchWith(limit: number) {
  const bundle = join(folder, 'program.cjs');
  const stdin = { contents: PROGRAM, resolveDir: SRC };
  await build({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile: bundle, logLevel: 'error' });
  const limited = 'echo $1 > /proc/sys/user/max_inotify_watches && exec "$2" "$3" "$4"';
  const args = ['-Ur', 'sh', '-c', limited, 'sh', `${limit}`, process.execPath, bundle, folder];
  child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async (isMeant: (line: Line) => boolean): Promise<Line[]> => {
    const all: Line[] = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`it ended; it had said ${JSON.stringify(all)}`);
      all.push(JSON.parse(value) as Line);
      if (isMeant(all.at(-1)!)) return all;
    }
  };
}

type Line = {
  readonly said?: string;
  readonly ready?: { readonly folders: number; readonly paths: number; readonly polled: number };
  readonly change?: { readonly path: string; readonly kind: string };
};

test('folders without a watch are polled, the sysctl is named once, and no change is missed', async () => {
  for (let i = 0; i < 6; i += 1) {
    mkdirSync(join(folder, `src/${i}/deep`), { recursive: true });
    writeFileSync(join(folder, `src/${i}/deep/file`), 'one');
  }
  const until = await watchWith(4);
  const begun = await until((line) => line.ready !== undefined);

  expect(begun.filter((line) => line.said).map((line) => line.said)).toEqual([
    expect.stringMatching(/^the kernel has no file watches \(inotify\) left: .*sysctl fs.inotify.max_user_watches=\d+/),
  ]);
  expect(begun.at(-1)?.ready).toMatchObject({ folders: 4, paths: 19 });
  expect(begun.at(-1)?.ready?.polled).toBeGreaterThan(0);

  const waiting = new Set(['0', '1', '2', '3', '4', '5'].map((i) => join(folder, `src/${i}/deep/file`)));
  for (const file of waiting) writeFileSync(file, 'longer than before');
  await until(({ change }) => waiting.delete(change?.path ?? '') && waiting.size === 0);
  mkdirSync(join(folder, 'src/5/new'));
  const added = join(folder, 'src/5/new/file');
  writeFileSync(added, '');
  await until((line) => line.change?.path === added && line.change.kind === 'written');
  rmSync(added);
  await until((line) => line.change?.path === added && line.change.kind === 'removed');
});
