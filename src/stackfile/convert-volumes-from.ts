/**
 * `volumes_from` and `x-berth` of a service: mounts of others, and whom files in bind mounts belong to.
 */
import type { Service, VolumesFrom } from '../model/stack.ts';
import { type Conversion, itemsOf, type Raw, rawOf } from './conversion.ts';

const HINT = 'write SERVICE[:ro] or container:NAME[:ro]';

/** SERVICE[:ro|:rw], or container:NAME[:ro|:rw]. */
export function convertVolumesFrom({ report }: Conversion, raw: Raw, path: string): VolumesFrom[] {
  return itemsOf(raw.volumes_from).flatMap(([index, item]): VolumesFrom[] => {
    const place = `${path}.volumes_from[${index}]`;
    const words = String(item).split(':');
    const kind = words[0] === 'container' && words.length > 1 ? 'container' : 'service';
    const [name = '', access = 'rw', ...more] = kind === 'container' ? words.slice(1) : words;
    if (name !== '' && (access === 'ro' || access === 'rw') && more.length === 0)
      return [{ kind, name, readOnly: access === 'ro' }];
    report.error(place, `"${String(item)}" is nothing to take volumes from`, HINT);
    return [];
  });
}

/** The person who ran the command, also behind sudo(8); root itself changes nothing. */
export function convertVolumesOwner(conversion: Conversion, raw: Raw, top: Raw): Service['volumesOwner'] {
  const wanted = rawOf(raw['x-berth'])['volumes-owner'] ?? rawOf(top['x-berth'])['volumes-owner'];
  if (wanted !== 'me') return null;
  const { SUDO_UID: uid, SUDO_GID: gid } = conversion.variables;
  const isNumber = (text: string | undefined): text is string => /^\d+$/.test(text ?? '');
  if (isNumber(uid) && isNumber(gid)) return { uid: Number(uid), gid: Number(gid) };
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
