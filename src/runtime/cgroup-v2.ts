/**
 * Values of a cgroup in the version 2 tree -> ops.
 *
 * Owns nothing but the form of the writes: version 2 files need no order and
 * no companions.
 */
import { join } from 'node:path';
import type { Setting } from './cgroup.ts';
import { type Op, op } from './op.ts';

/** Writes of one setting below `dir`. */
export function v2Ops(dir: string, setting: Setting): Op[] {
  const name = setting.optional ? 'cgroup-try-write' : 'cgroup-write';
  return setting.v2.map(([file, value]) =>
    op(name, [join(dir, file), value], `setting the ${setting.what}`, setting.origin),
  );
}
