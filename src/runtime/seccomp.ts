/**
 * The default system call filter of a container, as BPF bytes.
 *
 * Pure: architecture and capabilities in, hex out. A list of what is allowed;
 * the rest is EPERM, calls newer than our table ENOSYS (so that a libc falls
 * back), as is the whole x32 and 32-bit Arm interface. Laid out as a binary
 * tree, since attaching costs time by length.
 */
import {
  assemble,
  encodeBpf,
  ifAnyBit,
  ifAtLeast,
  ifEqual,
  load,
  type Node,
  type Range,
  ret,
  searchTree,
} from './bpf.ts';
import { CLONE_NAMESPACE_FLAGS, GATED, PERSONALITIES, SOCKET_FAMILIES } from './seccomp-rules.ts';
import { ARM64_SYSCALLS, I386_SYSCALLS, type Table, X64_SYSCALLS } from './syscall-numbers.ts';

export type Architecture = 'x64' | 'arm64';

/** Offsets in struct seccomp_data (linux/seccomp.h); the low half of an argument comes first. */
const NR = 0;
const ARCH = 4;
const ARG0 = 16;

const ALLOW = ret(0x7fff0000);
const EPERM = ret(0x00050000 | 1);
const ENOSYS = ret(0x00050000 | 38);

/** AUDIT_ARCH_* of linux/audit.h. */
const AUDIT_X64 = 0xc000003e;
const AUDIT_I386 = 0x40000003;
const AUDIT_ARM64 = 0xc00000b7;
/** x32 calls have the x64 architecture and this bit. */
const X32_BIT = 0x40000000;

const made = new Map<string, string>();

/** struct sock_filter array in hex for a container with these capabilities (names with CAP_). */
export function seccompFilter(architecture: Architecture, capabilities: readonly string[]): string {
  const key = `${architecture} ${[...capabilities].sort().join(' ')}`;
  let filter = made.get(key);
  if (filter === undefined) {
    filter = encodeBpf(assemble(filterTree(architecture, new Set(capabilities)))).toString('hex');
    made.set(key, filter);
  }
  return filter;
}

function filterTree(architecture: Architecture, capabilities: ReadonlySet<string>): Node {
  const tree = (table: Table) => searchTree(ranges(table, capabilities));
  if (architecture === 'arm64') return load(ARCH, ifEqual(AUDIT_ARM64, load(NR, tree(ARM64_SYSCALLS)), ENOSYS));
  const x64 = load(NR, ifAtLeast(X32_BIT, ENOSYS, tree(X64_SYSCALLS)));
  const i386 = load(NR, tree(I386_SYSCALLS));
  return load(ARCH, ifEqual(AUDIT_X64, x64, ifEqual(AUDIT_I386, i386, ENOSYS)));
}

/** Neighbours with the same outcome are one range. */
function ranges(table: Table, capabilities: ReadonlySet<string>): Range[] {
  const nodes = new Map([...table].map(([name, number]) => [number, nodeOf(name, capabilities)]));
  const end = Math.max(...nodes.keys()) + 1;
  const found: Range[] = [];
  for (let number = 0; number < end; number++) {
    const node = nodes.get(number) ?? EPERM;
    if (found.at(-1)?.node !== node) found.push({ start: number, node });
  }
  return [...found, { start: end, node: ENOSYS }];
}

function nodeOf(name: string, capabilities: ReadonlySet<string>): Node {
  const admin = capabilities.has('CAP_SYS_ADMIN');
  if (name === 'clone') return admin ? ALLOW : CLONE;
  // Its flags are in memory, where a filter can not look: ENOSYS makes a libc use clone.
  if (name === 'clone3') return admin ? ALLOW : ENOSYS;
  if (name === 'personality') return PERSONALITY;
  if (name === 'socket') return SOCKET;
  const gate = GATED[name];
  return gate === undefined || gate.some((capability) => capabilities.has(capability)) ? ALLOW : EPERM;
}

const CLONE: Node = load(ARG0, ifAnyBit(CLONE_NAMESPACE_FLAGS, EPERM, ALLOW));

const PERSONALITY: Node = load(
  ARG0,
  PERSONALITIES.reduceRight<Node>((rest, value) => ifEqual(value, ALLOW, rest), EPERM),
);

const SOCKET: Node = load(
  ARG0,
  searchTree(
    SOCKET_FAMILIES.flatMap(([from, to]) => [
      { start: from, node: ALLOW },
      { start: to + 1, node: EPERM },
    ]),
  ),
);
