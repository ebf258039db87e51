/**
 * The signal that asks a container to end: its service's, else its image's, else SIGTERM.
 */
import type { ContainerRecord } from './records.ts';

export function stopSignalOf({
  definition,
  imageStopSignal,
}: Pick<ContainerRecord, 'definition' | 'imageStopSignal'>): string {
  return definition.stopSignal ?? imageStopSignal ?? 'SIGTERM';
}
