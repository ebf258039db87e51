/**
 * Classic BPF, as seccomp takes it: instructions, branches, and their bytes.
 *
 * Programs are built from the leaves up as plain lists, so that a jump's
 * distance is the length of the list it skips and no labels are needed. Owns
 * no policy.
 */
export type Insn = { readonly code: number; readonly jt: number; readonly jf: number; readonly k: number };

const BPF_LD_W_ABS = 0x20;
const BPF_JA = 0x05;
const BPF_JEQ = 0x15;
const BPF_JGE = 0x35;
const BPF_JSET = 0x45;
const BPF_RET = 0x06;

/** Conditional jumps have 8 bits. */
const MAX_JUMP = 255;

/** Loads a word of struct seccomp_data. */
export function load(offset: number): Insn[] {
  return [{ code: BPF_LD_W_ABS, jt: 0, jf: 0, k: offset }];
}

export function ret(action: number): Insn[] {
  return [{ code: BPF_RET, jt: 0, jf: 0, k: action >>> 0 }];
}

/** `value` equals: first, else second. Both lists must end in ret on every way. */
export function ifEqual(value: number, then: readonly Insn[], otherwise: readonly Insn[]): Insn[] {
  return branch(BPF_JEQ, value, { yes: then, no: otherwise });
}

/** Any bit of `mask` is set: first, else second. */
export function ifAnyBit(mask: number, then: readonly Insn[], otherwise: readonly Insn[]): Insn[] {
  return branch(BPF_JSET, mask, { yes: then, no: otherwise });
}

/** At least `value` (unsigned): first, else second. */
export function ifAtLeast(value: number, then: readonly Insn[], otherwise: readonly Insn[]): Insn[] {
  return branch(BPF_JGE, value, { yes: then, no: otherwise });
}

function branch(code: number, k: number, { yes, no }: { yes: readonly Insn[]; no: readonly Insn[] }): Insn[] {
  const value = k >>> 0;
  if (no.length <= MAX_JUMP) return [{ code, jt: no.length, jf: 0, k: value }, ...no, ...yes];
  const far: Insn = { code: BPF_JA, jt: 0, jf: 0, k: no.length };
  return [{ code, jt: 0, jf: 1, k: value }, far, ...no, ...yes];
}

/** What a number leads to, from `start` up to the next one's. */
export type Range = { readonly start: number; readonly leaf: readonly Insn[] };

/** Binary search over sorted ranges; the first must start at 0. */
export function searchTree(ranges: readonly Range[]): readonly Insn[] {
  if (ranges.length === 1) return ranges[0]!.leaf;
  const middle = Math.floor(ranges.length / 2);
  return ifAtLeast(ranges[middle]!.start, searchTree(ranges.slice(middle)), searchTree(ranges.slice(0, middle)));
}

/** struct sock_filter array, little-endian as both architectures are. */
export function encodeBpf(program: readonly Insn[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k, index * 8 + 4);
  });
  return bytes;
}
