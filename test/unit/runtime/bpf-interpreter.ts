/** A small interpreter of classic BPF as seccomp runs it, and one call seen through a filter. */
export type Call = { readonly nr: number; readonly arch: number; readonly args?: readonly number[] };

/** The 32-bit return of `filter` (hex of struct sock_filter) for one call. */
export function runFilter(filter: string, call: Call): number {
  const code = Buffer.from(filter, 'hex');
  const data = seccompData(call);
  let a = 0;
  for (let pc = 0; pc * 8 < code.length; pc++) {
    const op = code.readUInt16LE(pc * 8);
    const [jt, jf] = [code.readUInt8(pc * 8 + 2), code.readUInt8(pc * 8 + 3)];
    const k = code.readUInt32LE(pc * 8 + 4);
    if (op === 0x06) return k;
    if (op === 0x20) a = data.readUInt32LE(k);
    else if (op === 0x05) pc += k;
    else pc += test(op, a, k) ? jt : jf;
  }
  throw new Error('ran off the end of the filter');
}

function test(op: number, a: number, k: number): boolean {
  if (op === 0x15) return a === k;
  if (op === 0x35) return a >= k;
  if (op === 0x45) return (a & k) !== 0;
  throw new Error(`instruction ${op.toString(16)}`);
}

function seccompData({ nr, arch, args = [] }: Call): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr >>> 0, 0);
  data.writeUInt32LE(arch >>> 0, 4);
  for (const [index, arg] of args.entries()) data.writeBigUInt64LE(BigInt(arg), 16 + index * 8);
  return data;
}

/** `allow`, or the errno. */
export function outcome(action: number): 'allow' | number {
  if (action === 0x7fff0000) return 'allow';
  if (action >>> 16 === 5) return action & 0xffff;
  throw new Error(`action ${action.toString(16)}`);
}
