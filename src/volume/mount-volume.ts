/**
 * Volumes with driver options: what mount(8) is asked for, and what is mounted now.
 *
 * The kernel is the record of what is mounted. A `bind` needs no mount of its
 * own: its folder is used as it is. Passwords go to the helper by its
 * environment, never by its arguments. mount(8), nfs(5), mount.cifs(8).
 */
import { readFileSync, statSync } from 'node:fs';
import { BerthError } from '../base/errors.ts';
import { runCommand } from '../base/run-command.ts';
import type { DriverOptions } from './volume.ts';

/** The folder of a bind; undefined: it has to be mounted. */
export function boundFolder({ type = '', o = '', device = '' }: DriverOptions): string | undefined {
  const isBind = /(^|,)r?bind(,|$)/.test(o) && ['', 'none', 'bind'].includes(type);
  return isBind ? device : undefined;
}

/** VOLUME_FAILED when the folder of a bind is not there: Docker does not make it either. */
export function requireFolder(name: string, folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })) return folder;
  throw new BerthError('VOLUME_FAILED', `volume ${name}: its device ${folder} does not exist`, {
    hint: `make it (mkdir -p ${folder}), or correct driver_opts.device`,
  });
}

export type MountCall = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

/** Arguments of mount(8). Docker's `device: ":/path"` with `o: addr=HOST` is HOST:/path there. */
export function mountCall({ type = '', o = '', device = '' }: DriverOptions, folder: string): MountCall {
  const words = o.split(',').filter(Boolean);
  const address = words.find((word) => word.startsWith('addr='))?.slice('addr='.length);
  const isShare = /^nfs4?$/.test(type) && device.startsWith(':') && address !== undefined;
  const password = type === 'cifs' ? words.find((word) => /^(password|pass)=/.test(word)) : undefined;
  const options = words.filter((word) => word !== password && !(isShare && word.startsWith('addr=')));
  const source = isShare ? `${address.includes(':') ? `[${address}]` : address}${device}` : device || 'tmpfs';
  return {
    args: [
      ...(type === '' ? [] : ['-t', type]),
      ...(options.length === 0 ? [] : ['-o', options.join(',')]),
      ...['--', source, folder],
    ],
    env: password === undefined ? {} : { PASSWD: password.replace(/^[^=]*=/, '') },
  };
}

/** Mounts on `folder` unless something is mounted there. */
export async function mountOnce(name: string, options: DriverOptions, folder: string): Promise<void> {
  if (mountedBelow(folder).includes(folder)) return;
  const { args, env } = mountCall(options, folder);
  const { exitCode, stderr } = await runCommand('mount', args, { env, check: false });
  if (exitCode === 0) return;
  const what = options.device === undefined ? (options.type ?? '') : `${options.type ?? ''} ${options.device}`.trim();
  const told = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.includes('dmesg(1)'));
  const why = told.map((line) => line.trim()).join('; ') || `exit ${exitCode}`;
  throw new BerthError('VOLUME_FAILED', `volume ${name}: ${what} can not be mounted: ${withoutSecrets(why, options)}`, {
    hint: hintOf(options, why),
  });
}

function withoutSecrets(text: string, { o = '' }: DriverOptions): string {
  const secrets = o.split(',').flatMap((word) => /^(?:password|pass|credentials)=(.+)$/.exec(word)?.[1] ?? []);
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

function hintOf({ type = '' }: DriverOptions, why: string): string {
  const helper = { nfs: 'nfs-common', nfs4: 'nfs-common', cifs: 'cifs-utils' }[type];
  if (helper !== undefined && /helper program|unknown filesystem|bad option/i.test(why))
    return `install ${helper} (apt-get install ${helper}), then try again`;
  return 'check type, o and device under driver_opts, and that its server answers';
}

/** Mount points at or below a folder in our own mount namespace, deepest first. proc(5), mountinfo. */
export function mountedBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
    )
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .reverse();
}

export async function unmount(folder: string): Promise<void> {
  await runCommand('umount', ['--', folder]);
}
