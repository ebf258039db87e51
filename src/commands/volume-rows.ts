/**
 * Lists of volumes: which ones, and how they look. Fields of `docker volume ls`.
 */
import { BerthError } from '../base/errors.ts';
import type { VolumeSummary } from '../engine/copy-calls.ts';
import { formatRows } from '../ui/format-rows.ts';
import { tableLines } from '../ui/print-table.ts';
import type { Filters } from './list-filters.ts';

export const VOLUME_FILTERS = ['name', 'label', 'label!', 'dangling', 'driver'];

/** Values of one filter mean any of them, but for labels, all of which are wanted. */
export function selectVolumes(volumes: readonly VolumeSummary[], filters: Filters): VolumeSummary[] {
  const of = (name: string) => filters.get(name) ?? [];
  const dangling = of('dangling').map(isTrue);
  return volumes.filter(
    (volume) =>
      (of('name').length === 0 || of('name').some((part) => volume.Name.includes(part))) &&
      (of('driver').length === 0 || of('driver').includes(volume.Driver)) &&
      of('label').every((wanted) => hasLabel(volume, wanted)) &&
      !of('label!').some((wanted) => hasLabel(volume, wanted)) &&
      dangling.every((wanted) => (volume.UsedBy.length === 0) === wanted),
  );
}

function isTrue(text: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new BerthError('USAGE', `--filter dangling=${text} is neither true nor false`);
}

function hasLabel({ Labels }: VolumeSummary, wanted: string): boolean {
  const [key = '', value] = wanted.split(/=(.*)/s);
  return Labels[key] !== undefined && (value === undefined || Labels[key] === value);
}

export type VolumeFormat = { readonly quiet: boolean; readonly format?: string };

export function volumeLines(volumes: readonly VolumeSummary[], { quiet, format }: VolumeFormat): string[] {
  const table = () =>
    quiet
      ? volumes.map((volume) => volume.Name)
      : tableLines(
          ['DRIVER', 'VOLUME NAME', 'USED BY'],
          volumes.map((volume) => [volume.Driver, volume.Name, volume.UsedBy.join(', ')]),
        );
  return formatRows(volumes.map(rowOf), { format: quiet ? undefined : format, table, headings: HEADINGS });
}

const HEADINGS = { Name: 'VOLUME NAME' };

/** What docker has as text. */
function rowOf(volume: VolumeSummary) {
  return {
    Availability: 'N/A',
    Driver: volume.Driver,
    Group: 'N/A',
    Labels: Object.entries(volume.Labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Links: String(volume.UsedBy.length),
    Mountpoint: volume.Mountpoint,
    Name: volume.Name,
    Scope: volume.Scope,
    Size: 'N/A',
    Status: 'N/A',
    UsedBy: volume.UsedBy.join(','),
  };
}
