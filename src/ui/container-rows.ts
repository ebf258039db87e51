/**
 * Containers as the rows that `--format` shows: the fields of docker's own lists.
 */
import { printBytes } from '../base/bytes.ts';
import type { ContainerSummary } from '../engine/answers.ts';
import { fittedLines } from './fit-table.ts';
import type { Row } from './format-rows.ts';
import { answerWidth } from './wrap-line.ts';

/** A row of `ps --format json`, as docker compose has it. */
export function stackRow(row: ContainerSummary): Row {
  return { ...row, Names: row.Name, LocalVolumes: '0', Size: '0B' };
}

export type ListRow = ContainerSummary & {
  readonly Names: string;
  readonly LocalVolumes: string;
  readonly Size: string;
};

/** A row of docker's list of containers: short id, quoted command. `bytes`: what it wrote. */
export function containerRow(
  row: ContainerSummary,
  how: { readonly noTrunc: boolean; readonly bytes?: number },
): ListRow {
  return {
    ...row,
    ID: how.noTrunc ? row.ID : row.ID.slice(0, 12),
    Command: `"${how.noTrunc ? row.Command : shortened(row.Command, COMMAND_WIDTH)}"`,
    Names: row.Name,
    LocalVolumes: '0',
    Size: printBytes(how.bytes ?? 0).replace(' ', ''),
  };
}

export function containerTable(rows: readonly ListRow[], withSize: boolean): string[] {
  return fittedLines(
    ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES', ...(withSize ? ['SIZE'] : [])],
    rows.map((row) => [
      row.ID,
      row.Image,
      row.Command,
      row.RunningFor,
      row.Status,
      row.Ports,
      row.Names,
      ...(withSize ? [row.Size] : []),
    ]),
    { width: answerWidth(), least: ['COMMAND', 'CREATED', 'IMAGE', 'CONTAINER ID'] },
  );
}

export const COMMAND_WIDTH = 20;

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
