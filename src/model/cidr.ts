/**
 * Addresses and subnets of both versions as numbers, and back as text.
 *
 * Pure. The one place that knows how many bits an address has; text comes out
 * in the canonical form of RFC 5952, so that equal addresses are equal texts.
 */
import { isIP, isIPv6 } from 'node:net';

export type Family = 4 | 6;

/** All addresses from `first` to `last`. */
export type AddressRange = { readonly family: Family; readonly first: bigint; readonly last: bigint };

export type Cidr = AddressRange & { readonly prefix: number };

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

/** undefined for what is no subnet; bits behind the prefix do not matter. A bare address is a subnet of itself. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length] = text.split('/');
  const number = parseAddress(address);
  if (number === undefined) return undefined;
  const family = familyOf(address);
  const bits = bitsOf(family);
  const prefix = length === undefined ? bits : Number(length);
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || prefix > bits)) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const first = (number / size) * size;
  return { family, first, last: first + size - 1n, prefix };
}

/** For a subnet that has been checked. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} is no subnet`);
  return cidr;
}

export function cidrText({ family, first, prefix }: Cidr): string {
  return `${addressText(first, family)}/${prefix}`;
}

/** undefined for what is no address; one with a zone (`fe80::1%eth0`) is none. */
export function parseAddress(text: string): bigint | undefined {
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  return isIPv6(text) ? number6(text) : number4(text);
}

/** For an address that has been checked. */
export function addressNumber(text: string): bigint {
  const number = parseAddress(text);
  if (number === undefined) throw new Error(`${text} is no address`);
  return number;
}

export function addressText(number: bigint, family: Family): string {
  return family === 4 ? text4(Number(number)) : text6(number);
}

/** The same address in its one canonical form. */
export function canonicalAddress(text: string): string {
  return addressText(addressNumber(text), familyOf(text));
}

/** Whether the range holds the address. */
export function holds(range: AddressRange, address: string): boolean {
  const number = parseAddress(address);
  return number !== undefined && familyOf(address) === range.family && range.first <= number && number <= range.last;
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

function number4(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** `::` stands for as many zeros as are missing; the last 32 bits may be written as version 4. RFC 4291, 2.2 */
function number6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const number = Number(number4(group));
    return [Math.floor(number / 65_536), number % 65_536];
  });
}

function text4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** The longest run of zeros, of two or more groups, becomes `::`; of equal ones the first. RFC 5952, 4.2 */
function text6(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((number >> BigInt(112 - 16 * index)) & 0xffffn));
  const run = longestZeros(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
