/**
 * Bytes of a manifest or an index -> what they say, when there is only one way to read them.
 *
 * Pure. IMAGE_CONTENT_INVALID for everything that could be read in two ways
 * (a document with layers and manifests, two media types, a name twice), and
 * for digests and sizes that are none.
 */
import { BerthError } from '../base/errors.ts';
import { type ContentDescriptor, isForeignType, isLayerType, kindOf, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';
import { duplicateName } from './refuse-duplicate-names.ts';

export type ParsedManifest = {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: ContentDescriptor;
  readonly layers: readonly ContentDescriptor[];
};

export type IndexEntry = ContentDescriptor & {
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
};

export type ParsedIndex = {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly IndexEntry[];
};

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_LAYERS = 1000;

/** `claimed`: the Content-Type it came with, or the descriptor's media type. `what` names it in errors. */
export function parseManifest(bytes: Buffer, claimed: string | undefined, what: string): ParsedManifest | ParsedIndex {
  const refuse = (why: string) => contentInvalid(what, why);
  const value = readObject(bytes, refuse);
  const mediaType = mediaTypeOf(value, claimed, refuse);
  const kind = kindOf(mediaType);
  if (kind === 'schema1' || value.schemaVersion === 1)
    throw refuse('it is of a form that registries gave up in 2019 (schema 1)');
  if (value.schemaVersion !== 2) throw refuse(`its schemaVersion is ${JSON.stringify(value.schemaVersion)}, not 2`);
  if (kind === 'other') throw refuse(`its type is ${mediaType.slice(0, 100)}, which is no image`);
  if ('manifests' in value && ('layers' in value || 'config' in value))
    throw refuse('it has both manifests and layers: it could be read in two ways');
  return kind === 'index' ? indexOf(value, mediaType, refuse) : manifestOf(value, mediaType, refuse);
}

type Refuse = (why: string) => BerthError;
type Json = Readonly<Record<string, unknown>>;

function readObject(bytes: Buffer, refuse: Refuse): Json {
  const text = bytes.toString('utf8');
  let value: unknown;
  let twice: string | undefined;
  try {
    value = JSON.parse(text);
    twice = duplicateName(text);
  } catch (cause) {
    throw refuse(
      `it is no JSON (${/html/i.test(text.slice(0, 200)) ? 'but a web page' : (cause as Error).message.slice(0, 80)})`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('it is no JSON object');
  if (twice !== undefined) throw refuse(`it has ${JSON.stringify(twice.slice(0, 60))} twice`);
  return value as Json;
}

function mediaTypeOf(value: Json, claimed: string | undefined, refuse: Refuse): string {
  const own = typeof value.mediaType === 'string' ? value.mediaType : undefined;
  const given = claimed?.split(';')[0]?.trim().toLowerCase();
  /* Registries of files answer with a type that says nothing. */
  const isGeneric =
    given === undefined || /^(application\/(json|octet-stream)|text\/plain|binary\/octet-stream|)$/.test(given);
  if (own !== undefined && !isGeneric && own !== given)
    throw refuse(`it calls itself ${own.slice(0, 100)} and came as ${given.slice(0, 100)}`);
  if (own !== undefined) return own;
  if (!isGeneric) return given;
  return 'manifests' in value ? OCI_INDEX : OCI_MANIFEST;
}

function indexOf(value: Json, mediaType: string, refuse: Refuse): ParsedIndex {
  if (!Array.isArray(value.manifests)) throw refuse('it has no list of manifests');
  if (value.manifests.length > MAX_LAYERS) throw refuse(`it has more than ${MAX_LAYERS} manifests`);
  const manifests = value.manifests.map((one: unknown, index) => descriptorOf(one, `manifest ${index + 1}`, refuse));
  return { kind: 'index', mediaType, manifests };
}

function manifestOf(value: Json, mediaType: string, refuse: Refuse): ParsedManifest {
  const config = descriptorOf(value.config, 'its config', refuse);
  if (!Array.isArray(value.layers)) throw refuse('it has no list of layers');
  if (value.layers.length > MAX_LAYERS) throw refuse(`it has more than ${MAX_LAYERS} layers`);
  const layers = value.layers.map((one: unknown, index) => {
    const layer = descriptorOf(one, `layer ${index + 1}`, refuse);
    if (isForeignType(layer.mediaType))
      throw refuse(`layer ${index + 1} is kept outside the registry, as those of Windows are`);
    if (!isLayerType(layer.mediaType))
      throw refuse(`layer ${index + 1} is of the type ${layer.mediaType.slice(0, 100)}, which is no file system`);
    return layer;
  });
  return { kind: 'manifest', mediaType, config, layers };
}

function descriptorOf(value: unknown, which: string, refuse: Refuse): IndexEntry {
  const { mediaType, digest, size, platform, annotations } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Json;
  if (typeof digest !== 'string' || !DIGEST.test(digest))
    throw refuse(`${which} has the digest ${JSON.stringify(digest)?.slice(0, 100)}, which is none of SHA-256`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw refuse(`${which} has the size ${JSON.stringify(size)?.slice(0, 40)}`);
  if (typeof mediaType !== 'string') throw refuse(`${which} has no media type`);
  return {
    mediaType,
    digest,
    size,
    ...(typeof platform === 'object' && platform !== null && { platform: platform as IndexEntry['platform'] }),
    ...(typeof annotations === 'object' &&
      annotations !== null && { annotations: annotations as Record<string, string> }),
  };
}

export function contentInvalid(what: string, why: string): BerthError {
  return new BerthError('IMAGE_CONTENT_INVALID', `${what} was refused: ${why}`, {
    hint: 'nothing of it was kept; pull again, and tell whoever runs the registry if that does not help',
  });
}
