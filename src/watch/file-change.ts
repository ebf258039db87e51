/**
 * What became of files that are watched, and what is asked of whoever brings them into containers.
 */
import type { WatchRule } from '../model/watch.ts';

export type FileChange = {
  /** Absolute; a file, a folder or a link. */
  readonly path: string;
  /** `written`: it is there now, new or changed; `removed`: it is gone. */
  readonly kind: 'written' | 'removed';
};

/**
 * To be made true in one container. Whoever does it (`syncFiles(world, containerId, request)` of the engine) resolves
 * with `{written, removed, bytes}`, and rejects with the name of the first file that could not be brought there.
 */
export type SyncRequest = {
  /** `target` is not null: `path/x` of this machine is `target/x` of the container; a `path` that is a file is `target` itself. */
  readonly rule: WatchRule;
  /** All that the rule wants of them; folders come before what is in them. Doing them twice does no harm. */
  readonly changes: readonly FileChange[];
};
