/**
 * index.json of the image layout <-> names. OCI image-spec, image-index.md.
 *
 * Pure. Entries without a name are kept out: nothing of ours makes them. Where
 * an image came from, and when, are annotations beside the name.
 */

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
/** The name as a person gave it, in full; containerd's and skopeo's annotation. */
const NAME = 'org.opencontainers.image.ref.name';

/** Digest that the registry answered the reference with: of an index, where there is one. */
export const SOURCE_DIGEST = 'berth.source.digest';
/** When it was last compared with the registry, RFC 3339. */
export const PULLED_AT = 'berth.pulled-at';

export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Manifest descriptors by name; a plain Error when the text is no index. */
export function namesOf(text: string): Map<string, Descriptor> {
  const index = JSON.parse(text) as { readonly manifests?: unknown } | null;
  if (!Array.isArray(index?.manifests)) throw new Error('index.json has no manifests');
  const named = index.manifests.filter(isDescriptor).flatMap(({ annotations, mediaType, digest, size }) => {
    const { [NAME]: name, ...others } = annotations ?? {};
    if (typeof name !== 'string') return [];
    const kept = Object.keys(others).length > 0 ? { annotations: others } : {};
    return [[name, { mediaType, digest, size, ...kept }] as const];
  });
  return new Map(named);
}

export function indexOf(names: ReadonlyMap<string, Descriptor>): string {
  const manifests = [...names].map(([name, descriptor]) => ({
    ...descriptor,
    annotations: { ...descriptor.annotations, [NAME]: name },
  }));
  return `${JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }, null, 2)}\n`;
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== 'object' || value === null || !('digest' in value)) return false;
  return typeof value.digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(value.digest);
}
