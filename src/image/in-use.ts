/**
 * Which folders of ours are part of a mounted overlay, in any mount namespace of this machine.
 *
 * The kernel is asked, not a record: a container whose image has another
 * content by now still stands on the old layers. proc(5), mountinfo.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Answers for one folder; true for all when a layer was mounted by descriptor, which hides its name. */
export function mountedFolders(): (folder: string) => boolean {
  const overlays = overlayMounts();
  if (overlays.some((line) => line.includes('/proc/self/fd/'))) return () => true;
  return (folder) => overlays.some((line) => line.includes(folder));
}

function overlayMounts(): string[] {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/mnt`);
      if (seen.has(namespace)) continue;
      seen.add(namespace);
      lines.push(
        ...readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
          .split('\n')
          .filter((line) => line.includes(' overlay ')),
      );
    } catch {
      /* The process has ended meanwhile, or is a zombie. */
    }
  }
  return lines;
}
