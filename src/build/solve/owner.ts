/**
 * `user`, `user:group`, names or numbers -> numbers, with the accounts of the image. passwd(5), group(5).
 */
import { BerthError } from '../../base/errors.ts';
import { textInRoot } from './packed-files.ts';
import type { Rootfs } from './rootfs.ts';
import type { Solving } from './solving.ts';

export type Owner = { readonly uid: number; readonly gid: number };

/** BUILD_FAILED when the image has no such account. */
export async function ownerOf(solving: Solving, root: Rootfs, text: string): Promise<Owner> {
  const [user = '', group] = text.split(':', 2);
  const needsNames = !isNumber(user) || (group !== undefined && group !== '' && !isNumber(group));
  const passwd = needsNames ? await textInRoot(solving, root, 'etc/passwd') : '';
  const account = isNumber(user) ? { uid: Number(user), gid: Number(user) } : accountOf(passwd, user || 'root');
  if (!account) throw unknown(`user ${user}`, text);
  if (group === undefined || group === '') return account;
  if (isNumber(group)) return { uid: account.uid, gid: Number(group) };
  const gid = groupOf(await textInRoot(solving, root, 'etc/group'), group);
  if (gid === undefined) throw unknown(`group ${group}`, text);
  return { uid: account.uid, gid };
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function accountOf(passwd: string, name: string): Owner | undefined {
  const fields = lineOf(passwd, name);
  if (fields && isNumber(fields[2] ?? '') && isNumber(fields[3] ?? '')) {
    return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return name === 'root' ? { uid: 0, gid: 0 } : undefined;
}

function groupOf(groups: string, name: string): number | undefined {
  const gid = lineOf(groups, name)?.[2] ?? '';
  return isNumber(gid) ? Number(gid) : name === 'root' ? 0 : undefined;
}

function lineOf(text: string, name: string): string[] | undefined {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name);
}

function unknown(what: string, text: string): BerthError {
  return new BerthError('BUILD_FAILED', `the image has no ${what} (${text})`, {
    hint: 'add it with RUN useradd or adduser before, or write numbers: 1000:1000',
  });
}
