/**
 * The stack's volumes: those that its services mount.
 */
import type { Service, StackVolume } from '../model/stack.ts';
import { type Conversion, labelsOf, type Raw, rawOf, textOr } from './conversion.ts';

export function convertVolumes({ stackName }: Conversion, top: Raw, services: readonly Service[]): StackVolume[] {
  const declared = rawOf(top.volumes);
  const used = new Set(
    services.flatMap((s) => s.mounts.flatMap((m) => (m.kind === 'volume' && m.source !== null ? [m.source] : []))),
  );
  return Object.keys(declared)
    .filter((key) => used.has(key))
    .sort()
    .map((key) => {
      const raw = rawOf(declared[key]);
      const external = raw.external !== undefined && raw.external !== false && raw.external !== 'false';
      const oldName = typeof raw.external === 'object' ? textOr(rawOf(raw.external).name, null) : null;
      return {
        key,
        name: textOr(raw.name, oldName ?? (external ? key : `${stackName}_${key}`)),
        external,
        labels: labelsOf(raw.labels),
      };
    });
}
