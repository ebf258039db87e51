/**
 * The stack's volumes: those that its services mount.
 */
import type { Service, StackVolume } from '../model/stack.ts';
import { type Conversion, labelsOf, type Raw, rawOf, textOr } from './conversion.ts';

export function convertVolumes(conversion: Conversion, top: Raw, services: readonly Service[]): StackVolume[] {
  const { stackName } = conversion;
  const declared = rawOf(top.volumes);
  const used = new Set(
    services.flatMap((s) => s.mounts.flatMap((m) => (m.kind === 'volume' && m.source !== null ? [m.source] : []))),
  );
  return Object.keys(declared)
    .filter((key) => used.has(key))
    .sort()
    .map((key) => {
      const raw = rawOf(declared[key]);
      const external = isExternal(raw);
      const oldName = typeof raw.external === 'object' ? textOr(rawOf(raw.external).name, null) : null;
      return {
        key,
        name: textOr(raw.name, oldName ?? (external ? key : `${stackName}_${key}`)),
        external,
        labels: labelsOf(raw.labels),
        driverOpts: driverOptsOf(conversion, raw, `volumes.${key}`),
      };
    });
}

function isExternal({ external }: Raw): boolean {
  return external !== undefined && external !== null && external !== false && external !== 'false';
}

/** The options of Docker's local driver, which are those of mount(8): `type`, `o`, `device`. */
function driverOptsOf({ report }: Conversion, raw: Raw, path: string): Record<string, string> {
  const options = Object.fromEntries(
    Object.entries(rawOf(raw.driver_opts)).map(([key, value]) => [key, String(value)]),
  );
  for (const name of Object.keys(options)) {
    if (['type', 'o', 'device'].includes(name)) continue;
    report.error(
      `${path}.driver_opts.${name}`,
      `"${name}" is no option of the local driver`,
      'they are type, o and device',
    );
  }
  if (Object.keys(options).length > 0 && (options.device ?? '') === '' && options.type !== 'tmpfs')
    report.error(`${path}.driver_opts`, 'driver_opts without `device`', 'name what is mounted: device: /srv/data');
  return options;
}
