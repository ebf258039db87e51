/**
 * What people ask of volumes: lists, new ones, their removal, and copies of what is in them.
 */
import type { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Volume } from '../volume/volume.ts';
import type {
  VolumeCalls,
  VolumeCreateRequest,
  VolumeInspect,
  VolumePruneRequest,
  VolumeSummary,
} from './copy-calls.ts';
import { usersOf, volumesInUse } from './volume-use.ts';
import type { World } from './world.ts';

const ANONYMOUS = 'com.docker.volume.anonymous';

export function volumeCalls(world: World): VolumeCalls {
  return {
    volumes: async () => world.volumes.list().map((volume) => summarize(world, volume)),
    volumeInspect: (name) => inspect(world, name),
    volumeCreate: (request) => create(world, request),
    volumeRemove: (name) => remove(world, name),
    volumePrune: (request) => prune(world, request),
    volumeExport: (name, signal) =>
      withContent(world, name, (path) =>
        world.runtime.trees.pack({ root: { kind: 'folder', path }, path: '/', name: '.', signal }),
      ),
    volumeImport: (name, tar, options) => importInto(world, name, { tar, ...options }),
  };
}

function summarize(world: World, { name, mountpoint, createdAt, labels, options }: Volume): VolumeSummary {
  const UsedBy = usersOf(world, name).map((record) => record.name);
  return {
    Name: name,
    Driver: 'local',
    Scope: 'local',
    Mountpoint: mountpoint,
    CreatedAt: createdAt,
    Labels: labels,
    Options: options,
    UsedBy,
  };
}

async function inspect(world: World, name: string): Promise<VolumeInspect> {
  const volume = world.volumes.require(name);
  return { ...summarize(world, volume), SizeBytes: await world.volumes.sizeOf(name) };
}

async function create(world: World, request: VolumeCreateRequest): Promise<VolumeSummary> {
  const { name = newId(), options } = request;
  /* As docker has it: nobody will ask for a name that was made up. */
  const labels = request.name === undefined ? { ...request.labels, [ANONYMOUS]: '' } : request.labels;
  const unknown = Object.keys(options).find((key) => !['type', 'o', 'device'].includes(key));
  if (unknown !== undefined) {
    throw new BerthError('VOLUME_FAILED', `"${unknown}" is no option of a volume`, {
      hint: 'the options are those of mount(8): type, o and device',
    });
  }
  if (Object.keys(options).length > 0 && !options.device && options.type !== 'tmpfs') {
    throw new BerthError('VOLUME_FAILED', 'options without `device`', {
      hint: 'say what is mounted: -o device=/srv/data',
    });
  }
  const known = world.volumes.get(name);
  const same = (key: string) => known?.options[key] === options[key];
  if (known && ![...Object.keys(known.options), ...Object.keys(options)].every(same)) {
    throw new BerthError('VOLUME_FAILED', `volume ${name} exists with other options`, {
      hint: 'choose another name, or remove it first with `berth volume rm`',
    });
  }
  return summarize(world, await world.volumes.ensure(name, { labels, options }));
}

async function remove(world: World, name: string): Promise<void> {
  world.volumes.require(name);
  refuseUsed(world, name);
  await world.volumes.remove(name);
}

function refuseUsed(world: World, name: string): void {
  const users = usersOf(world, name);
  if (users.length === 0) return;
  const names = users.map((record) => record.name).join(', ');
  throw new BerthError('VOLUME_IN_USE', `volume ${name} is in use by ${names}`, {
    hint: `remove ${users.length === 1 ? 'it' : 'them'} first: \`berth -p ${users[0]!.stack} down\``,
  });
}

async function prune(world: World, { all, labels, withoutLabels }: VolumePruneRequest) {
  const deleted: string[] = [];
  let bytes = 0;
  for (const volume of world.volumes.list()) {
    if (!all && volume.labels[ANONYMOUS] === undefined) continue;
    if (!labels.every(hasLabel(volume)) || withoutLabels.some(hasLabel(volume))) continue;
    if (usersOf(world, volume.name).length > 0) continue;
    /* What is bound or mounted is not ours to count, and not removed. */
    const size = Object.keys(volume.options).length === 0 ? await world.volumes.sizeOf(volume.name) : 0;
    await world.volumes.remove(volume.name);
    deleted.push(volume.name);
    bytes += size;
  }
  return { VolumesDeleted: deleted, SpaceReclaimed: bytes };
}

/** KEY, or KEY=VALUE. */
function hasLabel({ labels }: Volume): (wanted: string) => boolean {
  return (wanted) => {
    const [key = '', value] = wanted.split(/=(.*)/s);
    return labels[key] !== undefined && (value === undefined || labels[key] === value);
  };
}

/** The folder of its content, mounted for as long as this takes. */
async function withContent<T>(world: World, name: string, work: (folder: string) => Promise<T>): Promise<T> {
  world.volumes.require(name);
  const folder = await world.volumes.use(name);
  return await work(folder);
}

type Import = { readonly tar: Readable; readonly replace: boolean; readonly signal?: AbortSignal };

async function importInto(world: World, name: string, { tar, replace, signal }: Import): Promise<VolumeSummary> {
  const running = usersOf(world, name).filter((record) => world.live.get(record.id)?.running);
  if (running.length > 0) {
    throw new BerthError('VOLUME_IN_USE', `${running.map((r) => r.name).join(', ')} runs with volume ${name}`, {
      hint: `stop it first: \`berth -p ${running[0]!.stack} stop\``,
    });
  }
  const volume = world.volumes.get(name) ?? (await world.volumes.ensure(name, { labels: {} }));
  await withContent(world, name, async (path) => {
    if (replace) await world.volumes.clear(name);
    else if (!(await world.volumes.isEmpty(name))) {
      throw new BerthError('VOLUME_FAILED', `volume ${name} is not empty`, {
        hint: '--replace removes what is in it first; or import into a new volume',
      });
    }
    await world.runtime.trees.unpack({ root: { kind: 'folder', path }, path: '/', tar, whole: true, signal });
  });
  await world.volumes.release(volumesInUse(world));
  return summarize(world, volume);
}
