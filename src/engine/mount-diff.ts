/**
 * How the mounts of two definitions differ: in where things are, or only in what is in the files of secrets and configs.
 *
 * Pure; contents are compared by the marks that the stack holds of them.
 */
import type { FileContent, FileMount, Mount } from '../model/stack.ts';

export type ContentChange = {
  /** `configs.app`, `secrets.token`. */
  readonly field: string;
  /** `content changed (/srv/app.conf)`. */
  readonly text: string;
};

/** Without the contents of files. */
export function placesOf(mounts: readonly Mount[]): unknown[] {
  return mounts.map((mount) => (mount.kind === 'file' ? { ...mount, content: sourceOf(mount.content) } : mount));
}

/** Files of both whose contents differ, by the place they have in the container. */
export function contentChanges(before: readonly Mount[], after: readonly Mount[]): ContentChange[] {
  return after.flatMap((mount) => {
    const old = before.find((other) => other.target === mount.target);
    if (mount.kind !== 'file' || old?.kind !== 'file' || !differs(old.content, mount.content)) return [];
    return [{ field: fieldOf(mount), text: `content changed${whereText(mount.content)}` }];
  });
}

export function fieldOf({ of, name }: FileMount): string {
  return `${of === 'config' ? 'configs' : 'secrets'}.${name}`;
}

/** A mark that is not known, as in records of earlier versions, says nothing. */
function differs(before: FileContent, after: FileContent): boolean {
  const [old, now] = [markOf(before), markOf(after)];
  return old !== null && now !== null && old !== now;
}

function markOf(content: FileContent): string | null {
  return (content.kind === 'text' ? content.text : content.mark) ?? null;
}

function sourceOf(content: FileContent): unknown {
  switch (content.kind) {
    case 'file':
      return { kind: 'file', path: content.path };
    case 'text':
      return { kind: 'text' };
    default:
      return { kind: content.kind, variable: content.variable };
  }
}

function whereText(content: FileContent): string {
  if (content.kind === 'file') return ` (${content.path})`;
  return content.kind === 'secret-value' ? ` (variable ${content.variable})` : '';
}
