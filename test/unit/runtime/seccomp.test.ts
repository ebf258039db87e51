import { expect, test } from 'vitest';
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES } from '../../../src/runtime/capabilities.ts';
import { seccompFilter } from '../../../src/runtime/seccomp.ts';
import { GATED } from '../../../src/runtime/seccomp-rules.ts';
import { ARM64_SYSCALLS, I386_SYSCALLS, type Table, X64_SYSCALLS } from '../../../src/runtime/syscall-numbers.ts';
import { outcome, runFilter } from './bpf-interpreter.ts';

const EPERM = 1;
const ENOSYS = 38;
const ARCHES = [
  { name: 'x86_64', filter: 'x64', audit: 0xc000003e, table: X64_SYSCALLS },
  { name: 'i386', filter: 'x64', audit: 0x40000003, table: I386_SYSCALLS },
  { name: 'aarch64', filter: 'arm64', audit: 0xc00000b7, table: ARM64_SYSCALLS },
] as const;

type Arch = (typeof ARCHES)[number];

function ask(arch: Arch, nr: number, args: readonly number[] = [], caps = DEFAULT_CAPABILITIES) {
  return outcome(runFilter(seccompFilter(arch.filter, caps), { nr, arch: arch.audit, args }));
}

const ARGUMENT_RULES = new Set(['clone', 'clone3', 'personality', 'socket']);

test.each(ARCHES)(
  '$name: with the default capabilities, what is in the table and not gated is allowed, and no more',
  (arch) => {
    const byNumber = new Map([...(arch.table as Table)].map(([name, number]) => [number, name]));

    for (let nr = 0; nr <= Math.max(...byNumber.keys()); nr++) {
      const name = byNumber.get(nr);
      if (name !== undefined && ARGUMENT_RULES.has(name)) continue;
      const allowed =
        name !== undefined && (GATED[name] ?? DEFAULT_CAPABILITIES).some((c) => DEFAULT_CAPABILITIES.includes(c));
      expect([nr, name, ask(arch, nr)]).toEqual([nr, name, allowed ? 'allow' : EPERM]);
    }
  },
);

test.each(ARCHES)('$name: a call newer than the table does not exist', (arch) => {
  expect([ask(arch, 470), ask(arch, 5000)]).toEqual([ENOSYS, ENOSYS]);
});

test.each(ARCHES)('$name: nobody gets the kernel keyring, io_uring, userfaultfd, kexec, swap or pivot_root', (arch) => {
  const never = [...arch.table.keys()].filter((name) =>
    /^(io_uring|keyctl|add_key|request_key|userfaultfd|kexec|swapo|pivot_root|nfsservctl|uselib|vm86|ustat)/.test(name),
  );

  expect(never).toEqual([]);
  expect(ask(arch, 425, [], ALL_CAPABILITIES)).toBe(EPERM);
});

test.each(ARCHES)('$name: each capability opens its own calls, and only those', (arch) => {
  for (const [name, capabilities] of Object.entries(GATED)) {
    const nr = arch.table.get(name);
    if (nr === undefined) continue;
    expect([name, ask(arch, nr, [], [])]).toEqual([name, EPERM]);
    for (const capability of capabilities) expect([name, ask(arch, nr, [], [capability])]).toEqual([name, 'allow']);
  }
});

test.each(ARCHES)('$name: clone makes threads and processes, but no namespaces without CAP_SYS_ADMIN', (arch) => {
  const clone = (flags: number, caps?: readonly string[]) => ask(arch, arch.table.get('clone')!, [flags], caps);
  const namespaces = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];

  expect(clone(0x003d0f00)).toBe('allow');
  expect(namespaces.map((flag) => clone(flag | 17))).toEqual(namespaces.map(() => EPERM));
  expect(clone(0x10000000, ['CAP_SYS_ADMIN'])).toBe('allow');
  expect(ask(arch, arch.table.get('clone3')!)).toBe(ENOSYS);
  expect(ask(arch, arch.table.get('clone3')!, [], ['CAP_SYS_ADMIN'])).toBe('allow');
});

test.each(ARCHES)('$name: personality only takes the harmless five', (arch) => {
  const allowed = [0, 8, 0x20000, 0x20008, 0xffffffff];
  const asked = [...allowed, 1, 0x0040000, 0x20001, 0x8000000];

  expect(asked.filter((value) => ask(arch, arch.table.get('personality')!, [value]) === 'allow')).toEqual(allowed);
});

test.each(ARCHES)('$name: sockets of AF_ALG, AF_VSOCK and dead families are refused', (arch) => {
  const families = Array.from({ length: 64 }, (_, family) => family);
  const refused = families.filter((family) => ask(arch, arch.table.get('socket')!, [family]) !== 'allow');

  expect(refused.filter((family) => family < 46)).toEqual([12, 19, 20, 23, 25, 34, 37, 38, 40]);
  expect(refused.filter((family) => family >= 46)).toHaveLength(18);
});

test('x32 calls do not exist, nor do those of an architecture that is not ours', () => {
  const filter = seccompFilter('x64', DEFAULT_CAPABILITIES);
  const arm = seccompFilter('arm64', DEFAULT_CAPABILITIES);

  expect(outcome(runFilter(filter, { nr: 0x40000000, arch: 0xc000003e }))).toBe(ENOSYS);
  expect(outcome(runFilter(filter, { nr: 0x40000000 | 520, arch: 0xc000003e }))).toBe(ENOSYS);
  expect(outcome(runFilter(filter, { nr: 0, arch: 0xc00000b7 }))).toBe(ENOSYS);
  expect(outcome(runFilter(arm, { nr: 0, arch: 0x40000028 }))).toBe(ENOSYS);
});

test('the filter stays short, since each start pays for its length', () => {
  const insns = (arch: 'x64' | 'arm64') => seccompFilter(arch, DEFAULT_CAPABILITIES).length / 16;

  expect([insns('x64'), insns('arm64')].every((count) => count < 300)).toBe(true);
});

test('numbers at the ends of each table are the kernel headers ones', () => {
  const pick = (table: Table) => ['read', 'openat', 'clone', 'mseal', 'seccomp'].map((name) => table.get(name));

  expect(pick(X64_SYSCALLS)).toEqual([0, 257, 56, 462, 317]);
  expect(pick(I386_SYSCALLS)).toEqual([3, 295, 120, 462, 354]);
  expect(pick(ARM64_SYSCALLS)).toEqual([63, 56, 220, 462, 277]);
});
