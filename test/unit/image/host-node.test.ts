/** What of a Node beside /usr comes into the container. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostNode } from '../../../src/image/host-node.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'berth-node-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test.each(['/usr/bin/node', '/usr/local/bin/node', '/bin/node'])('nothing of %s: it is there with /usr', (program) => {
  expect(hostNode(program)).toEqual({ binds: [], entries: [], programs: [] });
});

test('the folder of an unpacked distribution comes along as a whole', () => {
  const folder = join(home, '.nvm/versions/node/v20.1.0');
  mkdirSync(join(folder, 'include/node'), { recursive: true });
  writeFileSync(join(folder, 'include/node/node_version.h'), '');
  writeFileSync(join(folder, 'LICENSE'), '');

  expect(hostNode(join(folder, 'bin/node'))).toEqual({
    binds: [folder],
    entries: [{ kind: 'folder', path: folder.slice(1), mode: 0o755 }],
    programs: [join(folder, 'bin')],
  });
});

test.each(['bin/node', '.local/bin/node', 'node'])(
  'of ~/%s only the program comes along, never the home folder',
  (place) => {
    const program = join(home, place);
    mkdirSync(join(home, '.local/include/node'), { recursive: true });
    writeFileSync(join(home, '.local/include/node/node_version.h'), '');

    expect(hostNode(program)).toMatchObject({ binds: [program], entries: [{ kind: 'file', path: program.slice(1) }] });
  },
);
