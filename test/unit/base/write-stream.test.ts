/** A file that is opened before it is handed out can be removed for good. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openWriteStream } from '../../../src/base/write-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-stream-'));
afterAll(() => rmSync(folder, { recursive: true }));

/* An import that was interrupted left its file behind: the open came after the removal. */
test('the file is there at once, so that giving the stream up and removing the file leaves nothing', async () => {
  const path = join(folder, 'new');

  const stream = await openWriteStream(path, 0o640);

  expect(existsSync(path)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask());
  await once(stream.destroy(), 'close');
});

test('a file that can not be opened is an error of the call', async () => {
  await expect(openWriteStream(join(folder, 'none', 'new'), 0o600)).rejects.toMatchObject({ code: 'ENOENT' });
});
