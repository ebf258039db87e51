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

/** To be made true in containers (engine/watching/sync-files.ts). */
export type SyncRequest = {
  /** `target` is not null: `path/x` of this machine is `target/x` of the container; a `path` that is a file is `target` itself. */
  readonly rule: WatchRule;
  /** All that the rule wants of them. Doing them twice does no harm. */
  readonly changes: readonly FileChange[];
  /** All there is, not what has changed: where a file stands against a folder, the container keeps its own. */
  readonly whole?: boolean;
};
