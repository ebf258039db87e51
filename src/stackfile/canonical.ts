/**
 * The stack in Compose's canonical form: every short form long, and nothing that was not written.
 *
 * What was written decides what is there (`raw`), what it means comes from the
 * converted stack: paths are absolute, env files have become `environment`.
 */
import type { Stack, StackNetwork, StackVolume } from '../model/stack.ts';
import { canonicalService } from './canonical-service.ts';
import { extensionsOf, withoutEmpty } from './canonical-values.ts';
import { absolutePath, type Conversion, labelsOf, type Raw, rawOf } from './conversion.ts';

export function canonicalOf(stack: Stack, top: Raw, conversion: Conversion): unknown {
  const raws = rawOf(top.services);
  const services = [...stack.services].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    name: stack.name,
    services: Object.fromEntries(services.map((s) => [s.name, canonicalService(s, rawOf(raws[s.name]))])),
    ...withoutEmpty({
      networks: byKey(stack.networks, (n) => canonicalNetwork(n, rawOf(rawOf(top.networks)[n.key]))),
      volumes: byKey(stack.volumes, (v) => canonicalVolume(v, rawOf(rawOf(top.volumes)[v.key]))),
      secrets: canonicalFiles(conversion, { stack, top, kind: 'secrets' }),
      configs: canonicalFiles(conversion, { stack, top, kind: 'configs' }),
    }),
    ...extensionsOf(top),
  };
}

function byKey<T extends { readonly key: string }>(items: readonly T[], canonical: (item: T) => unknown) {
  return Object.fromEntries(items.map((item) => [item.key, canonical(item)]));
}

function canonicalNetwork(n: StackNetwork, raw: Raw): unknown {
  return withoutEmpty({
    name: n.name,
    driver: raw.driver,
    driver_opts: n.mtu === null ? undefined : { 'com.docker.network.driver.mtu': String(n.mtu) },
    external: n.external || undefined,
    internal: n.internal || undefined,
    ipam: withoutEmpty({
      driver: rawOf(raw.ipam).driver,
      config: n.subnets.map(({ subnet, gateway }) => withoutEmpty({ subnet, gateway })),
    }),
    labels: n.labels,
    ...extensionsOf(raw),
  });
}

function canonicalVolume(v: StackVolume, raw: Raw): unknown {
  return withoutEmpty({
    name: v.name,
    driver: raw.driver,
    external: v.external || undefined,
    labels: v.labels,
    ...extensionsOf(raw),
  });
}

type FilesSource = { readonly stack: Stack; readonly top: Raw; readonly kind: 'secrets' | 'configs' };

/** Those that a service uses. */
function canonicalFiles(conversion: Conversion, { stack, top, kind }: FilesSource): Raw {
  const used = new Set(
    stack.services.flatMap(({ name }) => {
      const uses = rawOf(rawOf(top.services)[name])[kind];
      return Array.isArray(uses) ? uses.map((use) => String(typeof use === 'object' ? rawOf(use).source : use)) : [];
    }),
  );
  const entries = Object.entries(rawOf(top[kind])).filter(([key]) => used.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const raw = rawOf(value);
      const file = raw.file === undefined ? undefined : absolutePath(conversion, String(raw.file));
      const name = raw.name ?? `${stack.name}_${key}`;
      return [key, withoutEmpty({ name, file, labels: labelsOf(raw.labels), ...extensionsOf(raw) })];
    }),
  );
}
