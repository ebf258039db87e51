import { expect, test } from 'vitest';
import {
  ALL_CAPABILITIES,
  capabilityMask,
  capabilityName,
  containerCapabilities,
  DEFAULT_CAPABILITIES,
} from '../../../src/runtime/capabilities.ts';

type Wish = { readonly add?: readonly string[]; readonly drop?: readonly string[]; readonly privileged?: boolean };

const wish = (changes: Wish) => containerCapabilities({ add: [], drop: [], privileged: false, ...changes });

test('without a wish a container gets the fourteen of Docker', () => {
  expect(capabilityMask(wish({}))).toBe('a80425fb');
  expect(wish({}).sort()).toEqual([...DEFAULT_CAPABILITIES].sort());
});

test.each([
  [{ add: ['net_admin'] }, 'a80435fb'],
  [{ add: ['CAP_SYS_PTRACE', 'cap_net_admin'] }, 'a80c35fb'],
  [{ drop: ['MKNOD', 'net_raw'] }, 'a00405fb'],
  [{ drop: ['ALL'] }, '0'],
  [{ drop: ['all'], add: ['NET_BIND_SERVICE'] }, '400'],
  [{ drop: ['ALL'], add: ['ALL'] }, '1ffffffffff'],
  [{ add: ['ALL'] }, '1ffffffffff'],
  [{ add: ['ALL'], drop: ['SYS_ADMIN'] }, '1ffffdfffff'],
  [{ add: ['CHOWN'], drop: ['CHOWN'] }, 'a80425fb'],
  [{ privileged: true, drop: ['ALL'] }, '1ffffffffff'],
] as const)('%o is %s', (changes, mask) => {
  expect(capabilityMask(wish(changes))).toBe(mask);
});

test('a name that the kernel does not have is refused', () => {
  expect(() => capabilityName('NET_ADMINS')).toThrow('"NET_ADMINS" is not a capability');
});

test('capabilities above those of the running kernel are left out of the mask', () => {
  expect(capabilityMask(ALL_CAPABILITIES, 37)).toBe('3fffffffff');
});
