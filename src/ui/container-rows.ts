/**
 * Containers as the rows that `--format` shows: the fields of docker's own lists.
 */
import type { ContainerSummary } from '../engine/engine.ts';
import type { Row } from './format-rows.ts';

/** A row of `ps --format json`, as docker compose has it. */
export function stackRow(row: ContainerSummary): Row {
  return { ...row, Names: row.Name, LocalVolumes: '0', Size: '0B' };
}

/** docker's headings where they are not the field in capitals. */
export const CONTAINER_HEADINGS = {
  ID: 'CONTAINER ID',
  RunningFor: 'CREATED',
  CreatedAt: 'CREATED AT',
  LocalVolumes: 'LOCAL VOLUMES',
} as const;

/** At most `width` characters, the last one an ellipsis when something is missing. */
export function shortened(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
