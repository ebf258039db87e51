/**
 * The lines of `ps`.
 */
import type { ContainerSummary } from '../engine/answers.ts';
import { COMMAND_WIDTH, shortened } from './container-rows.ts';
import { fittedLines } from './fit-table.ts';
import { answerWidth } from './wrap-line.ts';

export type ContainerView = {
  readonly quiet: boolean;
  readonly servicesOnly: boolean;
  /** Commands in their whole length. */
  readonly noTrunc?: boolean;
};

export function containerLines(rows: readonly ContainerSummary[], view: ContainerView): string[] {
  if (view.quiet) return rows.map((row) => row.ID);
  if (view.servicesOnly) return [...new Set(rows.map((row) => row.Service))];
  const commandOf = ({ Command }: ContainerSummary) =>
    `"${view.noTrunc ? Command : shortened(Command, COMMAND_WIDTH)}"`;
  return fittedLines(
    ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'],
    rows.map((row) => [row.Name, row.Image, commandOf(row), row.Service, row.RunningFor, row.Status, row.Ports]),
    { width: view.noTrunc ? undefined : answerWidth(), least: ['COMMAND', 'IMAGE', 'CREATED', 'SERVICE'] },
  );
}
