/**
 * What converting one service needs around it, and readers for checked values.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseBytes } from '../base/bytes.ts';
import { parseDurationMs } from '../base/duration.ts';
import type { Report } from './findings.ts';
import type { Variables } from './interpolate.ts';
import type { MapTree } from './tree.ts';

export type Raw = Readonly<Record<string, unknown>>;

export type Conversion = {
  readonly report: Report;
  readonly projectDir: string;
  readonly stackName: string;
  readonly variables: Variables;
  readonly home: string;
  /** Values of secrets, by name: kept out of the stack. */
  readonly secrets: Map<string, string>;
  /** Before the files of variables were read. */
  readonly declared: MapTree;
};

export function textOr<T>(value: unknown, otherwise: T): string | T {
  return value === undefined || value === null ? otherwise : String(value);
}

export function numberOr<T>(value: unknown, otherwise: T): number | T {
  return value === undefined || value === null ? otherwise : Number(value);
}

export function booleanOr<T>(value: unknown, otherwise: T): boolean | T {
  return value === undefined || value === null ? otherwise : value === true || value === 'true';
}

export function bytesOr<T>(value: unknown, otherwise: T): number | T {
  if (value === undefined || value === null) return otherwise;
  return typeof value === 'number' || value === '-1' ? Number(value) : (parseBytes(String(value)) ?? otherwise);
}

export function durationOr<T>(value: unknown, otherwise: T): number | T {
  return value === undefined || value === null ? otherwise : (parseDurationMs(String(value)) ?? otherwise);
}

export function textList(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? itemsOf(value).map(([, item]) => String(item)) : [String(value)];
}

/** The items of a list that fit, with their places in it. */
export function itemsOf(value: unknown): [index: number, item: unknown][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index): [number, unknown][] => (item === undefined ? [] : [[index, item]]));
}

export function rawOf(value: unknown): Raw {
  return (value ?? {}) as Raw;
}

/** A mapping or a list of KEY=VALUE; a key without a value is null. */
export function mappingOf(value: unknown, separator: RegExp = /=/): [key: string, value: string | null][] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    return Object.entries(value).map(([key, inner]) => [key, inner === null ? null : String(inner)]);
  return textList(value).map((item) => {
    const at = item.search(separator);
    return at < 0 ? [item, null] : [item.slice(0, at), item.slice(at + 1)];
  });
}

/** Labels: a key alone has an empty value. */
export function labelsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(mappingOf(value).map(([key, inner]) => [key, inner ?? '']));
}

/** Relative to the project's folder; `~` is the caller's home. */
export function absolutePath(conversion: Conversion, path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(conversion.home || homedir(), path.slice(1));
  return resolve(conversion.projectDir, path);
}
