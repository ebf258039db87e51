/**
 * New limits for a group that is in use.
 */
import { writeFile } from 'node:fs/promises';
import { BerthError, errnoOf } from '../base/errors.ts';
import { type CgroupHost, limitOps } from './cgroup.ts';
import type { Op } from './op.ts';
import type { OciResources } from './spec.ts';

/** Writes every value. RUNTIME_FAILED names the one that the kernel refuses. */
export async function setLimits(host: CgroupHost, path: string, resources: OciResources): Promise<void> {
  const refused = await writeAll(limitOps(host, path, resources));
  /* Memory and memory with swap bound each other: which may be raised first depends on what was there. */
  const left = await writeAll(refused);
  const [first] = left;
  if (!first || first.name === 'cgroup-try-write') return;
  const [file = '', value = ''] = first.args;
  throw new BerthError('RUNTIME_FAILED', `${first.phrase} to ${value} failed: the kernel refuses it (${file})`, {
    hint: 'a memory limit can not go below what is in use, nor above the limit of memory and swap together',
  });
}

async function writeAll(ops: readonly Op[]): Promise<Op[]> {
  const refused: Op[] = [];
  for (const op of ops) {
    try {
      await writeFile(op.args[0]!, op.args[1]!, { flag: 'r+' });
    } catch (error) {
      if (errnoOf(error) === 'ENODEV')
        throw new BerthError('CONTAINER_NOT_RUNNING', 'the container has ended', { cause: error });
      if (!['EINVAL', 'EBUSY', 'EPERM', 'ERANGE', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
      refused.push(op);
    }
  }
  return refused;
}
