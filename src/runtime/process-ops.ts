/**
 * The program itself -> ops: limits, identity, filter, environment, exec.
 *
 * Pure. Shared by containers and execs, so that an exec can never end up with
 * more rights than the same process would have had as the container's own.
 */
import { capabilityMask } from './capabilities.ts';
import { type Op, op } from './op.ts';
import { type Architecture, seccompFilter } from './seccomp.ts';
import type { OciProcess } from './spec.ts';

export type ProcessHost = {
  readonly architecture: Architecture;
  /** The highest capability of this kernel (/proc/sys/kernel/cap_last_cap). */
  readonly lastCapability: number;
};

export type ProcessChoices = { readonly seccomp: 'default' | 'unconfined'; readonly init: boolean };

/** Ops of the identity part, `exec` last. */
export function processOps(process: OciProcess, choices: ProcessChoices, host: ProcessHost): Op[] {
  const { user, args } = process;
  const filter = choices.seccomp === 'default' ? [seccompOp(process, host)] : [];
  return [
    ...process.rlimits.map(({ type, soft, hard, origin }) =>
      op('rlimit', [rlimitName(type), limit(soft), limit(hard)], `setting the limit ${rlimitName(type)}`, origin),
    ),
    // Lowering it needs CAP_SYS_RESOURCE, which the engine may lack: a score is a wish.
    ...(process.oomScoreAdj === null ? [] : [op('oom-score', [`${process.oomScoreAdj}?`], 'setting the OOM score')]),
    ...(process.terminal === null ? [] : [op('setsid-tty', [], 'giving the program its terminal')]),
    op('user', [user.spec, user.additionalGroups.join(',')], 'finding the user', process.origin),
    ...(user.umask === undefined ? [] : [op('umask', [user.umask.toString(8)], 'setting the umask')]),
    capsOp(process, host),
    ...(process.noNewPrivileges ? [op('no-new-privs', [], 'giving up new privileges')] : []),
    op('cwd', [process.cwd], `entering the working directory ${process.cwd}`, process.origin),
    ...process.env.map((pair) => op('env', [pair], 'setting the environment')),
    ...filter,
    ...(choices.init ? [op('init', [], 'starting init')] : []),
    op('exec', args, `starting ${args[0] ?? ''}`, process.origin),
  ];
}

function capsOp({ capabilities }: OciProcess, host: ProcessHost): Op {
  const mask = capabilityMask(capabilities, host.lastCapability);
  // Inheritable and ambient stay empty: see CVE-2022-29162.
  return op('caps', [mask, mask, mask, '0', '0'], 'dropping capabilities');
}

function seccompOp({ capabilities }: OciProcess, host: ProcessHost): Op {
  const filter = seccompFilter(host.architecture, capabilities);
  return op('seccomp', [filter], 'installing the system call filter');
}

function rlimitName(type: string): string {
  return type.toLowerCase().replace(/^rlimit_/, '');
}

/** -1 is no limit, as in Compose. */
function limit(value: number): string {
  return value < 0 || !Number.isSafeInteger(value) ? 'unlimited' : String(value);
}
