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
import { nearest } from '../base/nearest.ts';
import { sizeBelow } from './folder-size.ts';
import { boundFolder, mountedBelow, mountOnce, requireFolder, unmount } from './mount-volume.ts';
import type { Volume, VolumeDriver, VolumeSpec } from './volume.ts';

const SCHEMA = 1;
const REMOVED = '.removed-';
const MAKING = '.making-';
/** Docker's volume names. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

type VolumeRecord = Omit<Volume, 'mountpoint' | 'options'> & Partial<Pick<Volume, 'options'>>;

export function volumeStore(dataDir: string, log: (line: string) => void): VolumeDriver {
  const root = join(dataDir, 'volumes');
  const known = new Map<string, Volume>();
  const making = new Map<string, Promise<Volume>>();
  const mounting = new Map<string, Promise<void>>();
  const folderOf = (name: string) => join(root, name);

  /** Made beside and renamed: a volume without its record, which nobody would know the owner of, is never seen. */
  const make = async (name: string, { labels, options = {} }: VolumeSpec): Promise<Volume> => {
    const record = { name, createdAt: new Date().toISOString(), labels, options };
    const part = join(root, `${MAKING}${newId().slice(0, 16)}`);
    await mkdir(join(part, '_data'), { recursive: true, mode: 0o755 });
    await writeState(join(part, 'volume.json'), SCHEMA, record);
    await rename(part, folderOf(name));
    const volume = { ...record, mountpoint: join(folderOf(name), '_data') };
    known.set(name, volume);
    return volume;
  };

  const require = (name: string): Volume => {
    const volume = known.get(name);
    if (volume) return volume;
    const near = nearest(name, known.keys());
    throw new BerthError('VOLUME_NOT_FOUND', `there is no volume ${name}`, {
      hint: near === undefined ? 'see `berth volume ls`' : `did you mean ${near}?`,
    });
  };

  const contentOf = (name: string): string => {
    const { options, mountpoint } = require(name);
    return boundFolder(options) ?? mountpoint;
  };

  return {
    async open() {
      await mkdir(root, { recursive: true, mode: 0o711 });
      for (const name of await readdir(root)) {
        if (name.startsWith(REMOVED) || name.startsWith(MAKING)) await removeLeft(join(root, name), log);
        else known.set(name, await readVolume(folderOf(name), name));
      }
    },

    async ensure(name, spec) {
      refuseBadName(name);
      const existing = known.get(name) ?? making.get(name);
      if (existing) return await existing;
      const made = make(name, spec).finally(() => making.delete(name));
      making.set(name, made);
      return await made;
    },

    get: (name) => known.get(name),
    require,
    list: () => [...known.values()].sort((a, b) => a.name.localeCompare(b.name)),

    async remove(name) {
      const { mountpoint } = require(name);
      for (const path of mountedBelow(mountpoint)) await unmount(path);
      const away = join(root, `${REMOVED}${newId().slice(0, 16)}`);
      await rename(folderOf(name), away);
      known.delete(name);
      await removeLeft(away, log);
    },

    async use(name) {
      const { options, mountpoint } = require(name);
      const bound = boundFolder(options);
      if (bound !== undefined) return requireFolder(name, bound);
      if (Object.keys(options).length === 0) return mountpoint;
      const mounted = mounting.get(name) ?? mountOnce(name, options, mountpoint).finally(() => mounting.delete(name));
      mounting.set(name, mounted);
      await mounted;
      return mountpoint;
    },

    async release(inUse) {
      for (const { name, mountpoint, options } of known.values()) {
        if (inUse.has(name) || Object.keys(options).length === 0 || mounting.has(name)) continue;
        for (const path of mountedBelow(mountpoint)) {
          await unmount(path).catch((error: unknown) => log(`volume ${name}: ${String(error)}`));
        }
      }
    },

    sizeOf: (name) => sizeBelow(contentOf(name)),
    isEmpty: async (name) => (await readdir(contentOf(name))).every((entry) => entry === 'lost+found'),
    async clear(name) {
      const folder = contentOf(name);
      const entries = (await readdir(folder)).filter((entry) => entry !== 'lost+found');
      await Promise.all(entries.map((entry) => rm(join(folder, entry), { recursive: true, force: true })));
    },
  };
}

/** What is mounted below belongs to others: it is never removed with the folder it stands on. */
async function removeLeft(folder: string, log: (line: string) => void): Promise<void> {
  const mounted = mountedBelow(folder);
  if (mounted.length === 0) await rm(folder, { recursive: true, force: true });
  else log(`${folder} stays: ${mounted.join(', ')} is mounted there`);
}

/** A record that is missing or broken costs its labels, never the data. */
async function readVolume(folder: string, name: string): Promise<Volume> {
  const path = join(folder, 'volume.json');
  const record = existsSync(path) ? await readState<VolumeRecord>(path, SCHEMA).catch(() => undefined) : undefined;
  const { createdAt = new Date(0).toISOString(), labels = {}, options = {} } = record ?? {};
  return { name, createdAt, labels, options, mountpoint: join(folder, '_data') };
}

function refuseBadName(name: string): void {
  if (NAME.test(name)) return;
  throw new BerthError('VOLUME_FAILED', `volume name "${name}" is not allowed`, {
    hint: 'use letters, digits, `_`, `.` and `-`, beginning with a letter or digit',
  });
}
