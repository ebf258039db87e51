/**
 * Classic BPF, as seccomp takes it: a decision tree -> instructions -> bytes.
 *
 * A tree's ends that return the same share one instruction, which halves the
 * filter (attaching it costs time by length). Jumps only lead forward and at
 * most 255 far: a tree too large for that is cut in two. Owns no policy.
 */
export type Node =
  | { readonly kind: 'ret'; readonly action: number }
  /** Loads a word of struct seccomp_data, which `next` looks at. */
  | { readonly kind: 'load'; readonly offset: number; readonly next: Node }
  | { readonly kind: 'branch'; readonly code: number; readonly value: number; readonly yes: Node; readonly no: Node };

export type Insn = { readonly code: number; readonly jt: number; readonly jf: number; readonly k: number };

const BPF_LD_W_ABS = 0x20;
const BPF_JA = 0x05;
const BPF_JEQ = 0x15;
const BPF_JGE = 0x35;
const BPF_JSET = 0x45;
const BPF_RET = 0x06;

/** Leaves room for the shared returns below the 8 bits of a conditional jump. */
const MAX_TREE = 200;

export function ret(action: number): Node {
  return { kind: 'ret', action };
}

export function load(offset: number, next: Node): Node {
  return { kind: 'load', offset, next };
}

export function ifEqual(value: number, yes: Node, no: Node): Node {
  return { kind: 'branch', code: BPF_JEQ, value, yes, no };
}

export function ifAnyBit(mask: number, yes: Node, no: Node): Node {
  return { kind: 'branch', code: BPF_JSET, value: mask, yes, no };
}

/** Unsigned. */
export function ifAtLeast(value: number, yes: Node, no: Node): Node {
  return { kind: 'branch', code: BPF_JGE, value, yes, no };
}

/** What a number leads to, from `start` up to the next one's. */
export type Range = { readonly start: number; readonly node: Node };

/** Binary search over sorted ranges; the first must start at 0. */
export function searchTree(ranges: readonly Range[]): Node {
  if (ranges.length === 1) return ranges[0]!.node;
  const middle = Math.floor(ranges.length / 2);
  return ifAtLeast(ranges[middle]!.start, searchTree(ranges.slice(middle)), searchTree(ranges.slice(0, middle)));
}

/** The instructions of a tree. */
export function assemble(node: Node): Insn[] {
  if (node.kind === 'ret') return [retInsn(node.action)];
  if (sizeOf(node) <= MAX_TREE) return assembleShared(node);
  if (node.kind === 'load') return [loadInsn(node.offset), ...assemble(node.next)];
  const no = assemble(node.no);
  const over: Insn = { code: BPF_JA, jt: 0, jf: 0, k: no.length };
  return [{ code: node.code, jt: 0, jf: 1, k: node.value >>> 0 }, over, ...no, ...assemble(node.yes)];
}

function sizeOf(node: Node): number {
  if (node.kind === 'ret') return 0;
  return 1 + (node.kind === 'load' ? sizeOf(node.next) : sizeOf(node.yes) + sizeOf(node.no));
}

/** A jump's goal: the index of an instruction, or of a shared return behind all others. */
type Goal = { readonly index: number } | { readonly action: number };
type Slot = { readonly node: Exclude<Node, { kind: 'ret' }>; yes?: Goal; no?: Goal };

function assembleShared(node: Node): Insn[] {
  const slots: Slot[] = [];
  place(node, slots);
  const actions = [...new Set(slots.flatMap(({ yes, no }) => [yes, no]).flatMap((goal) => actionOf(goal)))];
  const distance = (from: number, goal: Goal | undefined): number => {
    if (goal === undefined) return 0;
    const to = 'index' in goal ? goal.index : slots.length + actions.indexOf(goal.action);
    return to - from - 1;
  };
  const insns = slots.map(({ node, yes, no }, at): Insn => {
    if (node.kind === 'load') return loadInsn(node.offset);
    return { code: node.code, jt: distance(at, yes), jf: distance(at, no), k: node.value >>> 0 };
  });
  return [...insns, ...actions.map(retInsn)];
}

function place(node: Node, slots: Slot[]): Goal {
  if (node.kind === 'ret') return { action: node.action };
  const index = slots.length;
  const slot: Slot = { node };
  slots.push(slot);
  if (node.kind === 'load') {
    // What follows a load stands right behind it.
    if ('action' in place(node.next, slots)) throw new Error('a load that nothing looks at');
    return { index };
  }
  slot.no = place(node.no, slots);
  slot.yes = place(node.yes, slots);
  return { index };
}

function actionOf(goal: Goal | undefined): number[] {
  return goal !== undefined && 'action' in goal ? [goal.action] : [];
}

function loadInsn(offset: number): Insn {
  return { code: BPF_LD_W_ABS, jt: 0, jf: 0, k: offset };
}

function retInsn(action: number): Insn {
  return { code: BPF_RET, jt: 0, jf: 0, k: action >>> 0 };
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
