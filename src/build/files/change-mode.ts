/**
 * `--chmod`: octal, or symbolic as chmod(1) has it without a umask.
 */

const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

/** MODE changed by TEXT, which was checked before. */
export function changeMode(mode: number, text: string, isFolder: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8) & 0o7777;
  return text.split(',').reduce((changed, clause) => applyClause(changed, clause, isFolder), mode);
}

function applyClause(mode: number, clause: string, isFolder: boolean): number {
  const [, who = '', rest = ''] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
  const places = who === '' || who.includes('a') ? 'ugo' : who;
  let changed = mode;
  for (const [, sign, permissions = ''] of rest.matchAll(/([-+=])([rwxXst]*)/g)) {
    const bits = bitsOf(permissions, { places, isExecutable: isFolder || (changed & 0o111) !== 0 });
    if (sign === '+') changed |= bits;
    else if (sign === '-') changed &= ~bits;
    else changed = (changed & ~bitsOf('rwxs', { places, isExecutable: true })) | bits;
  }
  return changed & 0o7777;
}

type Who = { readonly places: string; readonly isExecutable: boolean };

function bitsOf(permissions: string, { places, isExecutable }: Who): number {
  let bits = permissions.includes('t') ? 0o1000 : 0;
  if (permissions.includes('s')) bits |= (places.includes('u') ? 0o4000 : 0) | (places.includes('g') ? 0o2000 : 0);
  let plain = 0;
  for (const sign of permissions) plain |= BITS[sign] ?? 0;
  if (permissions.includes('X') && isExecutable) plain |= 1;
  if (places.includes('u')) bits |= plain << 6;
  if (places.includes('g')) bits |= plain << 3;
  if (places.includes('o')) bits |= plain;
  return bits;
}
