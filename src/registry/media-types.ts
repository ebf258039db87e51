/**
 * Media types of manifests, configs and layers. OCI image-spec, media-types.md; Docker's image manifest v2, schema 2.
 */
export type ContentDescriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

export const ACCEPTED = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].join(', ');

export type ManifestKind = 'manifest' | 'index' | 'schema1' | 'other';

export function kindOf(mediaType: string): ManifestKind {
  if (mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST) return 'manifest';
  if (mediaType === OCI_INDEX || mediaType === DOCKER_LIST) return 'index';
  return DOCKER_SCHEMA1.test(mediaType) ? 'schema1' : 'other';
}

/** A layer of a file system, in any compression. */
export function isLayerType(mediaType: string): boolean {
  return (
    /^application\/vnd\.oci\.image\.layer\.v1\.tar(\+gzip|\+zstd)?$/.test(mediaType) ||
    /^application\/vnd\.docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?$/.test(mediaType)
  );
}

/** One that its owner keeps elsewhere (Windows); its address is never asked. */
export function isForeignType(mediaType: string): boolean {
  return mediaType.includes('nondistributable') || mediaType.includes('.foreign.');
}
