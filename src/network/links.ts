/**
 * Interfaces of this machine that networks can hang on.
 */
import { runCommand } from '../base/run-command.ts';

/** Its MTU in bytes; undefined when there is no such interface. */
export async function linkMtu(name: string): Promise<number | undefined> {
  if (!/^[^\s/-][^\s/]{0,14}$/.test(name)) return undefined;
  const { exitCode, stdout } = await runCommand('ip', ['-j', 'link', 'show', 'dev', name], { check: false });
  if (exitCode !== 0) return undefined;
  const links = JSON.parse(stdout) as { readonly mtu: number }[];
  return links[0]?.mtu;
}
