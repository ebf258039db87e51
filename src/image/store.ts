/**
 * The image driver: the machine's own root (`host`), and the images of the store.
 *
 * Only here is it known which of the two a reference means. What changes
 * names or content runs one after the other.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { limiter } from '../base/limiter.ts';
import { nearest } from '../base/nearest.ts';
import { adoptLayer } from './adopt-layer.ts';
import { flights } from './flights.ts';
import { hostImage } from './host-image.ts';
import type { ImageDriver, RemovedImage } from './image.ts';
import { stageRootfs } from './import-rootfs.ts';
import { imageLayout, type Layout, type Manifest } from './layout.ts';
import type { Descriptor } from './layout-index.ts';
import { leasesIn } from './leases.ts';
import { loadImages } from './load.ts';
import { addLayer, makeImage } from './make-image.ts';
import { nameHolds } from './name-holds.ts';
import { pruneImages, storeBytes } from './prune.ts';
import { PULL_LEASE, pullImage } from './pull.ts';
import { pushImage } from './push.ts';
import { pushArtifact } from './push-artifact.ts';
import { canonicalName, familiarName, HOST_IMAGE, parseReference } from './reference.ts';
import { saveImages } from './save.ts';
import { serialQueue } from './serial-queue.ts';
import { historyOf, inspectStored, partsOf, resolveStored, storedState, summarizeStored } from './stored-image.ts';
import { type Stores, sweep } from './sweep.ts';
import { layerStore } from './unpack-layer.ts';

export type StoreOptions = {
  /** Folder of all that lasts; images/, layers/ and host-image/ are made in it. */
  readonly dataDir: string;
  /** Path of berth-executor. */
  readonly executor: string;
};

/** More connections bring no more bytes, and unpacking keeps two processors busy. */
const LAYERS_AT_ONCE = 4;
/** A pull that nobody has gone on with for so long is given up. */
const PULL_KEPT_MS = 7 * 24 * 3600 * 1000;

export function hostAndStoredImages({ dataDir, executor }: StoreOptions): ImageDriver {
  const layout = imageLayout(join(dataDir, 'images'));
  const layers = layerStore(join(dataDir, 'layers'), executor);
  const host = hostImage(join(dataDir, 'host-image'));
  const leases = leasesIn(join(dataDir, 'images', 'leases'));
  const stores: Stores = { layout, layers, leases };
  const serially = serialQueue();
  const layerFlights = flights();
  /* Leases of the pulls that run. */
  const pulling = new Set<string>();
  const inTurn = limiter(LAYERS_AT_ONCE);
  const holds = nameHolds();

  return {
    async open() {
      await layout.open();
      await layers.open();
      await leases.open();
      for (const prefix of ['load-', 'save-']) await leases.expire(prefix, Number.POSITIVE_INFINITY);
      await leases.expire(PULL_LEASE, Date.now() - PULL_KEPT_MS);
      await host.open();
      await sweep(stores);
    },

    async resolve(reference) {
      if (reference === HOST_IMAGE) return host.resolve();
      const name = nameOf(reference);
      const manifest = layout.names().get(name);
      return manifest && (await serially(() => resolveStored(name, manifest, { stores, host })));
    },

    async importRootfs(archive, reference, options = {}) {
      const name = nameToGive(reference);
      const staged = await stageRootfs(archive, stores, options);
      try {
        return await serially(async () => {
          const manifest = await staged.commit();
          await layout.setName(name, manifest);
          return await summarizeStored(name, manifest, layout);
        });
      } finally {
        await staged.discard();
      }
    },

    async sweep() {
      await serially(() => sweep(stores));
    },

    async list() {
      const stored = [...layout.names()].map(([name, manifest]) => summarizeStored(name, manifest, layout));
      return [host.summarize(), ...(await Promise.all(stored))];
    },

    async inspect(reference) {
      if (reference === HOST_IMAGE) return host.inspect();
      const { name, manifest } = await find(reference, layout);
      return await inspectStored(name, manifest, layout);
    },

    async remove(reference, inUse) {
      if (reference === HOST_IMAGE) throw reserved();
      return await serially(() => removeStored(reference, stores, { inUse, isHeld: holds.has }));
    },
    hold: (references) => holds.hold(references.filter((one) => one !== HOST_IMAGE).map(nameOf)),
    removeUnnamed: () => serially(async () => void (await sweep(stores))),

    addLayer: (tar, options) => addLayer(tar, { stores, serially }, options),
    adoptLayer: (layer) => adoptLayer(layer, { stores, serially }),
    newLayerPath: layout.newBlobPath,
    hasLayer: ({ diffId, descriptor }) => layers.has(diffId) && layout.hasBlob(descriptor.digest),
    blobPath: layout.blobPath,
    makeImage: (request) => {
      const names = request.names.map(nameToGive);
      return serially(() => makeImage(stores, { ...request, names }));
    },
    async parts(reference) {
      const manifest = layout.names().get(nameOf(reference));
      return manifest && (await serially(() => partsOf(manifest, stores)));
    },
    lowersOf: (parts) => parts.map(({ diffId }) => layers.pathOf(diffId)).reverse(),
    leases,

    async tag(source, target) {
      if (source === HOST_IMAGE) throw reserved();
      const name = nameToGive(target);
      return await serially(async () => {
        const { manifest } = await find(source, layout);
        await layout.setName(name, manifest);
        return await summarizeStored(name, manifest, layout);
      });
    },
    async history(reference) {
      if (reference === HOST_IMAGE) throw reserved();
      return await historyOf((await find(reference, layout)).manifest, layout);
    },
    async save(references) {
      const names = await Promise.all(references.map((reference) => savedName(reference, layout)));
      return Readable.from(keptWhile(stores, names), { objectMode: false, highWaterMark: 1 << 20 });
    },
    load: (archive, options) => loadImages({ stores, serially }, archive, options),
    async push(reference, options) {
      if (reference === HOST_IMAGE) throw reserved();
      return await pushImage(layout, await find(reference, layout), options);
    },
    pushArtifact: (name, artifact, options) => pushArtifact(layout, { name, artifact }, options),
    prune: (options) => serially(() => pruneImages(stores, { ...options, running: pulling, isHeld: holds.has })),
    diskBytes: () => storeBytes(stores),

    async stored(reference, platform) {
      const name = nameOf(reference);
      /* One that is just being removed is there no more: the name is read in its turn. */
      return await serially(async () => {
        const manifest = layout.names().get(name);
        return manifest && (await storedState(manifest, stores, platform));
      });
    },

    async pull(reference, options) {
      nameOf(reference);
      if (reference === HOST_IMAGE) throw reserved();
      return await pullImage(
        { stores, serially, flights: layerFlights, inTurn, pulling },
        parseReference(reference),
        options,
      );
    },
  };
}

type Users = { readonly inUse: ReadonlySet<string>; readonly isHeld: (name: string) => boolean };

async function removeStored(reference: string, stores: Stores, { inUse, isHeld }: Users): Promise<RemovedImage> {
  const { layout } = stores;
  const { name, manifest } = await find(reference, layout);
  const isLast = ![...layout.names()].some(([other, { digest }]) => other !== name && digest === manifest.digest);
  /* A damaged image has no id any more; it can always be removed. */
  const id = await layout.readJson<Manifest>(manifest.digest).then(
    ({ config }) => config.digest,
    () => undefined,
  );
  if (isLast && id !== undefined && inUse.has(id)) {
    throw new BerthError('IMAGE_IN_USE', `image ${familiarName(name)} is used by a container`, {
      hint: 'take the stack down first; `berth ls -a` lists all',
    });
  }
  if (isHeld(name)) {
    throw new BerthError('IMAGE_IN_USE', `image ${familiarName(name)} is wanted by a stack that is being brought up`, {
      hint: 'remove it when `up` has ended',
    });
  }
  await layout.dropName(name);
  return { untagged: [familiarName(name)], deleted: await sweep(stores) };
}

type Found = { readonly name: string; readonly manifest: Descriptor };

/** By name, or by the beginning of its id. */
async function find(reference: string, layout: Layout): Promise<Found> {
  const isId = /^(?:sha256:)?[0-9a-f]{6,64}$/.test(reference);
  const name = reference.startsWith('sha256:') ? undefined : nameOf(reference);
  const manifest = name === undefined ? undefined : layout.names().get(name);
  if (name !== undefined && manifest) return { name, manifest };
  const found = isId ? await findById(`sha256:${reference.replace('sha256:', '')}`, layout) : undefined;
  if (!found) throw notFound(reference, layout);
  return found;
}

async function findById(prefix: string, layout: Layout): Promise<Found | undefined> {
  for (const [name, manifest] of layout.names()) {
    const stored = await layout.readJson<Manifest>(manifest.digest).catch(() => undefined);
    if (stored?.config.digest.startsWith(prefix)) return { name, manifest };
  }
  return undefined;
}

async function savedName(reference: string, layout: Layout): Promise<Found> {
  if (reference === HOST_IMAGE) throw reserved();
  return await find(reference, layout);
}

/** An image that is removed while it is saved stays until it is. */
async function* keptWhile(stores: Stores, names: readonly Found[]): AsyncGenerator<Buffer> {
  const lease = `save-${randomBytes(8).toString('hex')}`;
  try {
    for (const { manifest } of names) {
      const { config, layers } = await stores.layout.readJson<Manifest>(manifest.digest);
      await stores.leases.hold(lease, [manifest.digest, config.digest, ...layers.map(({ digest }) => digest)]);
    }
    yield* saveImages(stores.layout, names);
  } finally {
    await stores.leases.release(lease);
  }
}

function nameOf(reference: string): string {
  return canonicalName(parseReference(reference));
}

function nameToGive(reference: string): string {
  if (reference === HOST_IMAGE) throw reserved();
  const parsed = parseReference(reference);
  if (parsed.digest === undefined) return canonicalName(parsed);
  throw new BerthError('IMAGE_REFERENCE_INVALID', `"${reference}" can not be given as a name: a digest is not chosen`, {
    hint: 'leave the part from @ on away',
  });
}

function notFound(reference: string, layout: Layout): BerthError {
  const near = nearest(reference, [HOST_IMAGE, ...[...layout.names().keys()].map(familiarName)]);
  const aside = layout.setAside();
  const all =
    aside === undefined
      ? '`berth image ls` lists what is there'
      : `the list of names is damaged and lies in ${aside}: import again`;
  return new BerthError('IMAGE_NOT_FOUND', `image ${reference} is not on this machine`, {
    hint: near === undefined ? all : `did you mean ${near}?`,
  });
}

function reserved(): BerthError {
  return new BerthError('IMAGE_REFERENCE_INVALID', "`host` is the reserved name of this machine's own root", {
    hint: 'choose another name',
  });
}
