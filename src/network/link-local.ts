/**
 * Addresses of version 6 that derive from hardware addresses, and addresses as numbers.
 *
 * Pure. RFC 4291, appendix A.
 */

/** `02:42:ac:1f:ff:02` -> `fe80::42:acff:fe1f:ff02`: what the kernel gives an interface by default. */
export function linkLocalOf(mac: string): string {
  const [a = 0, b, c, d, e, f] = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const groups = [pair(a ^ 2, b!), pair(c!, 0xff), pair(0xfe, d!), pair(e!, f!)];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
}

function pair(high: number, low: number): number {
  return high * 256 + low;
}

/** All 128 bits of an IPv6 address: `0xfe80...`. */
export function rawAddress(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array(8 - left.length - right.length).fill('0000');
  return `0x${[...left, ...zeros, ...right].join('')}`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.padStart(4, '0'));
}
