/**
 * Capabilities: names and bit numbers, and the arithmetic of cap_add and cap_drop.
 *
 * The numbers are the kernel's (linux/capability.h). Names are taken with or
 * without CAP_, in any case. Knows no container.
 */
import { BerthError } from '../base/errors.ts';

/** In the order of their bit numbers, 0 to 40. */
const NAMES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

const BIT = new Map(NAMES.map((name, bit) => [`CAP_${name}`, bit]));

/** Docker's 14. */
export const DEFAULT_CAPABILITIES: readonly string[] = (
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL ' +
  'AUDIT_WRITE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** Every capability that this program knows, in the kernel's order. */
export const ALL_CAPABILITIES: readonly string[] = [...BIT.keys()];

export type CapabilityWish = {
  /** Names or ALL, as the stack file has them. */
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
};

/**
 * What a container gets, in the kernel's order.
 *
 * As Docker counts: privileged is all; drop ALL starts from nothing, add ALL from everything; a name in both lists is
 * added. Rejects with REQUEST_INVALID for a name that the kernel does not have.
 */
export function containerCapabilities(wish: CapabilityWish): string[] {
  const add = new Set(wish.add.map(capabilityName));
  const drop = new Set(wish.drop.map(capabilityName));
  if (wish.privileged) return [...ALL_CAPABILITIES];
  const base = drop.has('ALL') ? [] : add.has('ALL') ? ALL_CAPABILITIES : DEFAULT_CAPABILITIES;
  const kept = base.filter((name) => !drop.has(name));
  const wanted = new Set([...kept, ...(drop.has('ALL') && add.has('ALL') ? ALL_CAPABILITIES : add)]);
  return ALL_CAPABILITIES.filter((name) => wanted.has(name));
}

/** `CAP_NET_ADMIN` for `net_admin`; `ALL` stays; REQUEST_INVALID for a name that the kernel does not have. */
export function capabilityName(text: string): string {
  const upper = text.toUpperCase();
  if (upper === 'ALL' || upper === 'CAP_ALL') return 'ALL';
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (BIT.has(name)) return name;
  throw new BerthError('REQUEST_INVALID', `"${text}" is not a capability`, {
    hint: 'capabilities(7) lists them, e.g. NET_ADMIN or SYS_PTRACE',
  });
}

/** Bit mask in hex, without 0x, of names with CAP_. Those that this machine's kernel lacks (above `lastBit`) are left out. */
export function capabilityMask(names: readonly string[], lastBit = NAMES.length - 1): string {
  let mask = 0n;
  for (const name of names) {
    const bit = BIT.get(capabilityName(name));
    if (bit !== undefined && bit <= lastBit) mask |= 1n << BigInt(bit);
  }
  return mask.toString(16);
}
