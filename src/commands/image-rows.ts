/**
 * Lists of images: which ones, and how they look. Fields of `docker image ls`.
 */
import { printAge } from '../base/age.ts';
import { printBytes } from '../base/bytes.ts';
import { BerthError } from '../base/errors.ts';
import type { ImageSummary } from '../image/image.ts';
import { formatRows } from '../ui/format-rows.ts';
import { tableLines } from '../ui/print-table.ts';
import type { Filters } from './list-filters.ts';

export const IMAGE_FILTERS = ['reference', 'label', 'before', 'since', 'dangling'];

type Selection = { readonly name: string | undefined; readonly filters: Filters };

/** USAGE for `before` and `since` of an image that is not there. */
export function selectImages(images: readonly ImageSummary[], { name, filters }: Selection): ImageSummary[] {
  const of = (filter: string) => filters.get(filter) ?? [];
  const patterns = [...of('reference'), ...(name === undefined ? [] : [name])];
  const madeAt = (filter: string) => of(filter).map((one) => createdAt(images, one));
  const before = madeAt('before');
  const since = madeAt('since');
  /* Here every image has a name. */
  if (of('dangling').some((value) => /^(1|t|true)$/i.test(value))) return [];
  return images.filter(
    (image) =>
      (patterns.length === 0 || patterns.some((pattern) => image.names.some((one) => fits(one, pattern)))) &&
      of('label').every((wanted) => hasLabel(image, wanted)) &&
      before.every((at) => image.createdAt < at) &&
      since.every((at) => image.createdAt > at),
  );
}

function createdAt(images: readonly ImageSummary[], name: string): string {
  const found = images.find(
    ({ names, id }) => names.includes(name) || names.includes(`${name}:latest`) || id.startsWith(`sha256:${name}`),
  );
  if (found) return found.createdAt;
  throw new BerthError('USAGE', `--filter: there is no image ${name}`);
}

/** Of the whole name, or of the name without its tag; `*` does not cross a slash. */
function fits(name: string, pattern: string): boolean {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const whole = new RegExp(`^${text}$`);
  return whole.test(name) || whole.test(splitName(name).repository);
}

function hasLabel({ labels }: ImageSummary, wanted: string): boolean {
  const [key = '', value] = wanted.split(/=(.*)/s);
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

type ImageFormat = {
  readonly quiet: boolean;
  readonly digests: boolean;
  readonly noTrunc: boolean;
  readonly format?: string;
};

export function imageLines(
  images: readonly ImageSummary[],
  { quiet, digests, noTrunc, format }: ImageFormat,
): string[] {
  const rows = images.flatMap((image) => image.names.map((name) => rowOf(image, name, noTrunc)));
  if (quiet) return [...new Set(rows.map((row) => row.ID))];
  const table = () =>
    tableLines(
      ['REPOSITORY', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE'],
      rows.map((row) => [
        row.Repository,
        row.Tag,
        ...(digests ? [row.Digest] : []),
        row.ID,
        row.CreatedSince,
        row.Size,
      ]),
    );
  return formatRows(rows, { format, table, headings: HEADINGS });
}

const HEADINGS = { ID: 'IMAGE ID', CreatedSince: 'CREATED', CreatedAt: 'CREATED AT' } as const;

/** Images that are made to be the same each time have no date, or one of long ago. */
function createdSince(createdAt: string): string {
  const ms = Date.parse(createdAt);
  return Number.isNaN(ms) || ms <= 0 ? 'N/A' : `${printAge(ms)} ago`;
}

function rowOf(image: ImageSummary, name: string, noTrunc: boolean) {
  return {
    Repository: splitName(name).repository,
    Tag: splitName(name).tag,
    Digest: image.sourceDigest ?? '<none>',
    ID: noTrunc ? image.id : image.id.replace('sha256:', '').slice(0, 12),
    CreatedAt: image.createdAt,
    CreatedSince: createdSince(image.createdAt),
    Size: printBytes(image.sizeBytes),
  };
}

function splitName(name: string): { readonly repository: string; readonly tag: string } {
  const [whole = ''] = name.split('@');
  const colon = whole.lastIndexOf(':');
  if (colon <= whole.lastIndexOf('/')) return { repository: whole, tag: '<none>' };
  return { repository: whole.slice(0, colon), tag: whole.slice(colon + 1) };
}
