/**
 * Device rules -> an eBPF program for cgroup version 2, which has no devices files.
 *
 * Pure. The kernel gives the program struct bpf_cgroup_dev_ctx (linux/bpf.h):
 * access << 16 | type, major, minor; it returns 1 to allow, 0 to refuse. The
 * rules only ever allow, so the first that fits decides.
 */
import type { DeviceRule } from './spec.ts';

/** BPF_DEVCG_* of linux/bpf.h. */
const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Registers: r2 type, r3 access, r4 major, r5 minor; r1 is the context. */
export function deviceProgram(rules: readonly DeviceRule[]): Buffer {
  const load = [
    insn(0x61, 2, 1, 0, 0), // r2 = *(u32 *)(r1 + 0)
    insn(0xbc, 3, 2, 0, 0), // w3 = w2
    insn(0x54, 2, 0, 0, 0xffff), // w2 &= 0xffff
    insn(0x74, 3, 0, 0, 16), // w3 >>= 16
    insn(0x61, 4, 1, 4, 0),
    insn(0x61, 5, 1, 8, 0),
  ];
  const refuse = [insn(0xb4, 0, 0, 0, 0), insn(0x95, 0, 0, 0, 0)];
  return Buffer.concat([...load, ...rules.flatMap(ruleInsns), ...refuse]);
}

function ruleInsns({ type, major, minor, access }: DeviceRule): Buffer[] {
  const mask = [...access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0);
  const tests: ((skip: number) => Buffer)[] = [(skip) => jumpUnlessEqual(2, TYPE[type], skip)];
  if (major !== null) tests.push((skip) => jumpUnlessEqual(4, major, skip));
  if (minor !== null) tests.push((skip) => jumpUnlessEqual(5, minor, skip));
  // Every asked-for access must be among the allowed: w1 = w3 & ~mask must be 0. The context is not needed any more.
  const test = [insn(0xbc, 1, 3, 0, 0), insn(0x54, 1, 0, 0, ~mask & 7)];
  const allow = [insn(0xb4, 0, 0, 0, 1), insn(0x95, 0, 0, 0, 0)];
  const tail = [...test, jumpUnlessEqual(1, 0, allow.length), ...allow];
  return [...tests.map((jump, index) => jump(tests.length - index - 1 + tail.length)), ...tail];
}

/** BPF_JMP32 | BPF_JNE | BPF_K. */
function jumpUnlessEqual(register: number, value: number, skip: number): Buffer {
  return insn(0x56, register, 0, skip, value);
}

function insn(code: number, dst: number, src: number, offset: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8((src << 4) | dst, 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}
