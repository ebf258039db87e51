/**
 * The accounts in `image: host`: those that packages made, so that servers run as their own user.
 *
 * Never a person, never a password, never a real name. passwd(5), group(5).
 */
import { existsSync, readFileSync } from 'node:fs';

/** Text of /etc/passwd; PATH for tests. */
export function systemUsers(path = '/etc/passwd'): string {
  const rows = usersOf(path).map(
    ([name, , uid, gid, , home, shell]) => `${name}:x:${uid}:${gid}:${name}:${home}:${shell}`,
  );
  return textOf(rows, 'root:x:0:0:root:/root:/bin/sh');
}

/** Text of /etc/group; only members that systemUsers() has are named. */
export function systemGroups(path = '/etc/group', passwd = '/etc/passwd'): string {
  const users = new Set(usersOf(passwd).map(([name]) => name));
  const groups = linesOf(path).filter(([, , gid]) => isSystemId(gid));
  const rows = groups.map(([name, , gid, members = '']) => {
    const known = members.split(',').filter((member) => users.has(member));
    return `${name}:x:${gid}:${known.join(',')}`;
  });
  return textOf(rows, 'root:x:0:');
}

function usersOf(path: string): string[][] {
  return linesOf(path).filter((fields) => fields.length === 7 && isSystemId(fields[2]) && /^\d+$/.test(fields[3]!));
}

/** Below 1000 by convention (login.defs, UID_MIN); 65534 is nobody and nogroup. */
function isSystemId(id: string | undefined): boolean {
  return id !== undefined && /^\d+$/.test(id) && (Number(id) < 1000 || Number(id) === 65534);
}

function linesOf(path: string): string[][] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^[a-z_]/i.test(line));
  return lines.map((line) => line.split(':'));
}

function textOf(rows: readonly string[], root: string): string {
  const all = rows.some((row) => row.startsWith('root:')) ? rows : [root, ...rows];
  return `${all.join('\n')}\n`;
}
