/**
 * `TAG failed OP ERRNO MESSAGE` -> an error that a person can act on.
 *
 * Owns the choice of the code and the sentence: the op's phrase says what was
 * tried, the errno says why not.
 */
import { basename } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { ErrorCode } from '../base/errors.ts';
import type { Op } from './op.ts';
import { ContainerStartError } from './runtime.ts';

export type Failed = { readonly op: number; readonly errno: number; readonly message: string };

/** The error of a program that failed at one op. */
export function startError(ops: readonly Op[], failed: Failed): ContainerStartError {
  const op = ops[failed.op];
  const [errno, reason] = describe(failed.errno);
  const code = codeOf(op, errno, failed.message);
  return new ContainerStartError(code, sentence(op, failed, reason), {
    origin: op?.origin,
    errno,
    hint: hintOf(op, code, errno),
    cause: new Error(`op ${failed.op} (${op?.name ?? 'unknown'}): ${failed.message}`),
  });
}

/** `['ENOENT', 'no such file or directory']`. */
function describe(errno: number): [name: string, reason: string] {
  const known = getSystemErrorMap().get(-errno);
  if (known !== undefined) return [known[0], known[1]];
  // Not every errno of the kernel has a name in Node.
  const name = OTHER_ERRNOS[errno];
  return name ?? [`E${errno}`, `error ${errno}`];
}

const OTHER_ERRNOS: Readonly<Record<number, [string, string]>> = {
  8: ['ENOEXEC', 'not a program that this machine can run'],
  15: ['ENOTBLK', 'block device required'],
  42: ['ENOMSG', 'no message of desired type'],
  116: ['ESTALE', 'stale file handle'],
};

function codeOf(op: Op | undefined, errno: string, message: string): ErrorCode {
  if (op?.name === 'exec') return errno === 'ENOENT' ? 'COMMAND_NOT_FOUND' : 'COMMAND_NOT_EXECUTABLE';
  if (op?.name === 'cgroup-write' && ['ENOENT', 'EOPNOTSUPP', 'ENOTSUP'].includes(errno))
    return 'HOST_LACKS_CONTROLLER';
  if (isOwnerRefused(op, message)) return 'HOST_LACKS_FEATURE';
  if (op?.name === 'rlimit' && errno === 'EPERM') return 'HOST_LACKS_FEATURE';
  // The bridge (or the host's end) is gone; a kernel without veth says EOPNOTSUPP.
  if (op !== undefined && NETWORK_OPS.has(op.name) && errno === 'ENODEV') return 'NETWORK_FAILED';
  return ['ENOSYS', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP'].includes(errno) ? 'HOST_LACKS_FEATURE' : 'RUNTIME_FAILED';
}

const NETWORK_OPS: ReadonlySet<string> = new Set([
  'unplug',
  'veth',
  'macvlan',
  'bridge-entry',
  'port-flags',
  'net-addr',
  'net-route',
]);

function sentence(op: Op | undefined, { errno, message }: Failed, reason: string): string {
  if (isOwnerRefused(op, message)) return `the file system of ${op?.args[0]} can not show files with another owner`;
  if (op?.name === 'exec') return execSentence(op.args[0] ?? '', reason, errno);
  // The executor speaks for itself where there is no errno, and about the image's users.
  if (op === undefined || errno === 0 || op.name === 'user') return message || `${op?.phrase ?? 'a step'} failed`;
  return `${op.phrase} failed: ${reason}`;
}

/** mount_setattr(2): EINVAL is a file system, or a kernel, without mounts that map ids. */
function isOwnerRefused(op: Op | undefined, message: string): boolean {
  return op?.name === 'bind' && message.startsWith('give the files of a bind another owner');
}

function execSentence(program: string, reason: string, errno: number): string {
  if (errno === ENOENT) return `the container has no program "${program}"`;
  return `the container's program "${program}" can not be run: ${reason}`;
}

const ENOENT = 2;

function hintOf(op: Op | undefined, code: ErrorCode, errno: string): string | undefined {
  if (code === 'HOST_LACKS_CONTROLLER') {
    return `this kernel has no ${basename(op?.args[0] ?? '')}: remove the setting, or run \`berth doctor\``;
  }
  if (code === 'HOST_LACKS_FEATURE' && op?.name === 'rlimit') {
    return 'berth may not raise this limit here (no CAP_SYS_RESOURCE): choose a lower one';
  }
  if (op?.name === 'bind' && op.args[2]?.includes('owner=') && code === 'HOST_LACKS_FEATURE')
    return 'remove x-berth.volumes-owner, or bind a folder of ext4, xfs, btrfs or tmpfs';
  if (op?.name === 'file' && errno === 'ENOENT') return 'make the file, or correct its path in the stack file';
  if (code === 'NETWORK_FAILED') return 'run `berth down` and `berth up`: the network is made again';
  if (code === 'HOST_LACKS_FEATURE') return 'run `berth doctor` to see what this machine lacks';
  if (code === 'COMMAND_NOT_FOUND') return 'check command and entrypoint, and PATH inside the image';
  if (code === 'COMMAND_NOT_EXECUTABLE' && errno === 'EACCES') return 'make the file executable (chmod +x)';
  return undefined;
}
