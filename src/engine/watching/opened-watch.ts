/**
 * `x-berth.watch: auto` of one service: which files its containers open in their bind mounts, as rules that grow.
 *
 * What was seen is kept beside each container's run files, so that the next
 * engine knows it: the kernel tells it once.
 */
import { appendFileSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../base/errors.ts';
import type { OpenedNote } from '../../runtime/opened.ts';
import type { FileWatch } from '../../watch/file-watch.ts';
import { type OpenedFiles, openedFiles } from '../../watch/opened-files.ts';
import { below, type RuleFilter } from '../../watch/rule-filter.ts';
import { stateFolder } from '../container-paths.ts';
import type { ContainerRecord } from '../records.ts';
import { containersOf, type Site } from './carry-out.ts';

export type OpenedWatch = {
  readonly filters: readonly RuleFilter[];
  /** Reads what is opened until the site is over. */
  begin(files: Pick<FileWatch, 'extend'>): void;
};

export type OpenedSite = Pick<Site, 'world' | 'record' | 'service' | 'over'> & {
  /** An action was cut short: then the mount itself stands for what led to it. */
  readonly isUnfinished: () => boolean;
  readonly tell: (why: string) => void;
};

/** A bind mount: paths below `target` of the container are below `source`; `folder` holds them. */
type Bind = { readonly source: string; readonly target: string; readonly folder: string };

export function openedWatch(site: OpenedSite): OpenedWatch {
  const { world, over } = site;
  const binds = bindsOf(site);
  const store = openedFiles({ identify });
  for (const container of containersOf(site)) recall(site, container, store);
  return {
    filters: binds.map((bind) => filterOf(site, bind, store)),
    begin(files) {
      const read = new Set<string>();
      const look = () => {
        for (const container of containersOf(site)) {
          const running = world.live.get(container.id)?.running;
          const key = `${container.id} ${running?.startTime}`;
          if (!running || read.has(key)) continue;
          read.add(key);
          void follow(site, { container, binds, store, files });
        }
      };
      over.addEventListener('abort', world.changes.listen(look), { once: true });
      look();
    },
  };
}

function bindsOf({ record, service }: OpenedSite): Bind[] {
  const { mounts } = record.stack.services.find(({ name }) => name === service) ?? { mounts: [] };
  return mounts.flatMap((mount) => {
    if (mount.kind !== 'bind') return [];
    const stats = statSync(mount.source, { throwIfNoEntry: false });
    const source = stats ? realpathSync(mount.source) : mount.source;
    return [{ source, target: mount.target, folder: stats && !stats.isDirectory() ? dirname(source) : source }];
  });
}

function filterOf({ isUnfinished }: OpenedSite, { source, folder }: Bind, store: OpenedFiles): RuleFilter {
  return {
    rule: { path: source, action: 'restart', target: null, ignore: [], include: [], initialSync: false, exec: null },
    path: source,
    isWanted: (path) =>
      (path === source && isUnfinished()) || (below(folder, path) !== undefined && store.isWanted(path)),
    prunes: (path) => !store.holds(path),
  };
}

function identify(path: string): string | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.mtimeNs}`;
}

type Reading = {
  readonly container: ContainerRecord;
  readonly binds: readonly Bind[];
  readonly store: OpenedFiles;
  readonly files: Pick<FileWatch, 'extend'>;
};

async function follow(site: OpenedSite, reading: Reading): Promise<void> {
  const { world, service, over, tell } = site;
  const { container, binds } = reading;
  try {
    const stateDir = stateFolder(world.roots, container.id);
    const targets = binds.map(({ target }) => target);
    const onNotes = (notes: readonly OpenedNote[]) => take(site, reading, notes);
    const reason = await world.runtime.readOpened({ stateDir, targets, onNotes, signal: over });
    if (reason === undefined || over.aborted || !world.live.get(container.id)?.running) return;
    tell(`${container.name}: what it opens is not known: ${reason}; \`berth restart ${service}\` helps`);
  } catch (error) {
    world.log(`files that ${container.name} opens: ${String(error)}`);
  }
}

function take(site: OpenedSite, { container, binds, store, files }: Reading, notes: readonly OpenedNote[]): void {
  const seen: Seen[] = [];
  for (const note of notes) {
    if (note.kind === 'lost') {
      site.tell(`${container.name} opened more files at once than the kernel notes: some of them are not watched`);
      continue;
    }
    const bind = binds.find(({ target }) => target === note.target);
    if (!bind) continue;
    const path = note.path === '' ? bind.source : join(bind.source, note.path);
    if (note.kind === 'closed') seen.push(['closed', note.file]);
    else if (note.kind === 'written') seen.push(['written', path]);
    else seen.push(['opened', path, bind.folder, identify(path)]);
  }
  keep(
    site,
    container,
    /* A service that writes all the time would fill the disk with these; they matter for a moment only. */
    seen.filter(([kind]) => kind !== 'closed'),
  );
  const folders = seen.flatMap((one) => note(store, one));
  if (folders.length > 0) void files.extend(folders);
}

type Seen = readonly ['closed' | 'written', string] | readonly ['opened', string, string, string | undefined];

/** Folders to watch. */
function note(store: OpenedFiles, seen: Seen): string[] {
  if (seen[0] === 'opened') return store.opened(seen[1], seen[2], seen[3]);
  store[seen[0]](seen[1]);
  return [];
}

function keep({ world }: OpenedSite, container: ContainerRecord, seen: readonly Seen[]): void {
  try {
    const lines = seen.map((one) => `${JSON.stringify(one)}\n`).join('');
    appendFileSync(placeOf(world, container), lines, { flag: 'a', mode: 0o600 });
  } catch (error) {
    /* The container has just ended. */
    if (errnoOf(error) !== 'ENOENT') world.log(`files that ${container.name} opens: ${String(error)}`);
  }
}

/** What an engine before this one has seen; a line that it did not finish is none. */
function recall({ world }: OpenedSite, container: ContainerRecord, store: OpenedFiles): void {
  try {
    const lines = readFileSync(placeOf(world, container), 'utf8').split('\n').slice(0, -1);
    for (const line of lines) note(store, JSON.parse(line) as Seen);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') world.log(`files that ${container.name} opens: ${String(error)}`);
  }
}

function placeOf({ roots }: OpenedSite['world'], { id }: ContainerRecord): string {
  return join(stateFolder(roots, id), 'opened');
}
