/**
 * Removes an unpacked layer, whatever an archive has made of it.
 *
 * coreutils' rm walks by descriptor: links in an archive can nest folders
 * deeper than PATH_MAX, which removal by path names never gets to the end of.
 */
import { runCommand } from '../base/run-command.ts';

export async function removeFolder(path: string): Promise<void> {
  await runCommand('rm', ['-rf', '--one-file-system', '--', path]);
}
