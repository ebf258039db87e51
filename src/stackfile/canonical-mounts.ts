/**
 * volumes, tmpfs, secrets and configs of a service in canonical form.
 */
import type { Mount, Service } from '../model/stack.ts';
import { withoutEmpty } from './canonical-values.ts';
import { itemsOf, type Raw, rawOf, textList } from './conversion.ts';

type Out = Record<string, unknown>;

/** The service's mounts are its volumes in their order, then what the other attributes say. */
export function canonicalMounts(s: Service, raw: Raw): Out {
  return {
    volumes: itemsOf(raw.volumes).map(([index, item]) => canonicalMount(s.mounts[index]!, item)),
    tmpfs: textList(raw.tmpfs),
    secrets: canonicalUses(raw.secrets, '/run/secrets/'),
    configs: canonicalUses(raw.configs, '/'),
  };
}

function canonicalMount(m: Mount, written: unknown): Out {
  const common = {
    type: m.kind,
    source: m.kind === 'tmpfs' ? undefined : m.source,
    target: m.target,
    read_only: m.readOnly || undefined,
  };
  switch (m.kind) {
    case 'bind':
      return withoutEmpty({ ...common, source: canonicalSource(m, written), bind: canonicalBind(m, written) });
    case 'volume':
      return {
        ...withoutEmpty({ ...common, bind: withoutEmpty({ selinux: labelOf(written) }) }),
        volume: withoutEmpty({ nocopy: m.noCopy || undefined, subpath: m.subpath }),
      };
    case 'tmpfs':
      return {
        ...withoutEmpty(common),
        tmpfs: withoutEmpty({
          size: m.sizeBytes === null ? undefined : String(m.sizeBytes),
          mode: m.mode === null ? undefined : `0${m.mode.toString(8)}`,
        }),
      };
  }
}

type Bind = Extract<Mount, { kind: 'bind' }>;

/** An absolute path stays as it is, with a slash at its end when it has one. */
function canonicalSource({ source }: Bind, written: unknown): string {
  const text = typeof written === 'string' ? written.split(':', 1)[0]! : String(rawOf(written).source);
  return text.startsWith('/') ? text : source;
}

function canonicalBind(m: Bind, written: unknown): Out {
  return withoutEmpty({
    create_host_path: m.createHostPath,
    propagation: m.propagation,
    recursive: m.recursive === 'enabled' ? undefined : m.recursive,
    selinux: labelOf(written),
  });
}

function labelOf(written: unknown): unknown {
  if (typeof written !== 'string') return rawOf(rawOf(written).bind).selinux;
  const [, , options = ''] = written.split(':');
  return options.split(',').find((option) => option === 'z' || option === 'Z');
}

function canonicalUses(uses: unknown, folder: string): Out[] {
  return itemsOf(uses).map(([, item]) => {
    const { source, target } = typeof item === 'object' ? rawOf(item) : { source: item, target: undefined };
    const inside = String(target ?? source);
    return { source, target: inside.startsWith('/') ? inside : `${folder}${inside}` };
  });
}
