/**
 * Volumes on disk: `<data>/volumes/NAME/_data`, with the record `volume.json` beside it.
 *
 * A volume is seen once its record is there, and gone once its folder has been
 * renamed away; what a crash left half done is finished at open().
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readState, writeState } from '../base/atomic-file.ts';
import { BerthError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Volume, VolumeDriver } from './volume.ts';

const SCHEMA = 1;
const REMOVED = '.removed-';
const MAKING = '.making-';
/** Docker's volume names. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

type VolumeRecord = Pick<Volume, 'name' | 'createdAt' | 'labels'>;

export function volumeStore(dataDir: string): VolumeDriver {
  const root = join(dataDir, 'volumes');
  const known = new Map<string, Volume>();
  const making = new Map<string, Promise<Volume>>();
  const folderOf = (name: string) => join(root, name);

  /** Made beside and renamed: a volume without its record, which nobody would know the owner of, is never seen. */
  const make = async (name: string, labels: Readonly<Record<string, string>>): Promise<Volume> => {
    const record: VolumeRecord = { name, createdAt: new Date().toISOString(), labels };
    const part = join(root, `${MAKING}${newId().slice(0, 16)}`);
    await mkdir(join(part, '_data'), { recursive: true, mode: 0o755 });
    await writeState(join(part, 'volume.json'), SCHEMA, record);
    await rename(part, folderOf(name));
    const volume = { ...record, mountpoint: join(folderOf(name), '_data') };
    known.set(name, volume);
    return volume;
  };

  return {
    async open() {
      await mkdir(root, { recursive: true, mode: 0o711 });
      for (const name of await readdir(root)) {
        if (name.startsWith(REMOVED) || name.startsWith(MAKING))
          await rm(join(root, name), { recursive: true, force: true });
        else known.set(name, await readVolume(folderOf(name), name));
      }
    },

    async ensure(name, labels) {
      refuseBadName(name);
      const existing = known.get(name) ?? making.get(name);
      if (existing) return await existing;
      const made = make(name, labels).finally(() => making.delete(name));
      making.set(name, made);
      return await made;
    },

    get: async (name) => known.get(name),
    list: async () => [...known.values()].sort((a, b) => a.name.localeCompare(b.name)),

    async remove(name) {
      if (!known.has(name)) throw new BerthError('VOLUME_NOT_FOUND', `there is no volume ${name}`);
      const away = join(root, `${REMOVED}${newId().slice(0, 16)}`);
      await rename(folderOf(name), away);
      known.delete(name);
      await rm(away, { recursive: true, force: true });
    },
  };
}

/** A record that is missing or broken costs its labels, never the data. */
async function readVolume(folder: string, name: string): Promise<Volume> {
  const path = join(folder, 'volume.json');
  const record = existsSync(path) ? await readState<VolumeRecord>(path, SCHEMA).catch(() => undefined) : undefined;
  const { createdAt = new Date(0).toISOString(), labels = {} } = record ?? {};
  return { name, createdAt, labels, mountpoint: join(folder, '_data') };
}

function refuseBadName(name: string): void {
  if (NAME.test(name)) return;
  throw new BerthError('VOLUME_FAILED', `volume name "${name}" is not allowed`, {
    hint: 'use letters, digits, `_`, `.` and `-`, beginning with a letter or digit',
  });
}
