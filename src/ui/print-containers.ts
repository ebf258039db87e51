/**
 * The lines of `ps`.
 */
import type { ContainerSummary } from '../engine/engine.ts';
import { tableLines } from './print-table.ts';

export type ContainerView = { readonly quiet: boolean; readonly servicesOnly: boolean };

export function containerLines(rows: readonly ContainerSummary[], { quiet, servicesOnly }: ContainerView): string[] {
  if (quiet) return rows.map((row) => row.ID);
  if (servicesOnly) return [...new Set(rows.map((row) => row.Service))];
  return tableLines(
    ['NAME', 'IMAGE', 'SERVICE', 'STATUS', 'PORTS'],
    rows.map((row) => [row.Name, row.Image, row.Service, row.Status, row.Ports]),
  );
}
