/** Which accounts of a machine `image: host` shows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemGroups, systemUsers } from '../../../src/image/host-accounts.ts';

let folder: string;
let passwd: string;
let group: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-accounts-'));
  passwd = join(folder, 'passwd');
  group = join(folder, 'group');
  writeFileSync(
    passwd,
    `root:$6$secret:0:0:The Boss,,,:/root:/bin/bash
postgres:x:107:113:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
anna:x:1000:1000:Anna Person,Room 7,555:/home/anna:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
+nis::::::
broken:x:zero:0::/:/bin/sh
`,
  );
  writeFileSync(
    group,
    'root:x:0:\nsudo:x:27:anna\nssl-cert:!secret:104:postgres,anna\nanna:x:1000:\nnogroup:x:65534:\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('users of packages are kept with home and shell, people, passwords and real names are not', () => {
  expect(systemUsers(passwd)).toMatchInlineSnapshot(`
    "root:x:0:0:root:/root:/bin/bash
    postgres:x:107:113:postgres:/var/lib/postgresql:/bin/bash
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
    "
  `);
});

test('groups keep the members that are users here', () => {
  expect(systemGroups(group, passwd)).toMatchInlineSnapshot(`
    "root:x:0:
    sudo:x:27:
    ssl-cert:x:104:postgres
    nogroup:x:65534:
    "
  `);
});

test('a machine without the files still has root', () => {
  const missing = join(folder, 'missing');

  expect([systemUsers(missing), systemGroups(missing, missing)]).toEqual([
    'root:x:0:0:root:/root:/bin/sh\n',
    'root:x:0:\n',
  ]);
});
