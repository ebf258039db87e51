/**
 * Patterns of .dockerignore: which paths of a context are left out.
 *
 * `*` within a folder, `**` across folders, `?`, `[a-z]`, `!` takes back; the
 * last pattern that matches decides, and a folder's answer holds for what is
 * in it. Pure: paths are relative, with `/`, without a leading one.
 */
import { posix } from 'node:path';
import { BerthError } from './errors.ts';
import { literal } from './glob-pattern.ts';

export type IgnorePatterns = {
  /** Whether PATH, or a folder above it, is left out. */
  ignores(path: string): boolean;
  /** Whether nothing below the ignored folder PATH can come back by a `!` pattern. */
  prunes(path: string): boolean;
  readonly isEmpty: boolean;
};

export type Pattern = {
  readonly isException: boolean;
  readonly text: string;
  readonly segments: readonly string[];
  matches(path: string): boolean;
};

/** The patterns of an ignore file's text: comments, blank lines and leading slashes go. */
export function readIgnoreFile(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const sign = line.startsWith('!') ? '!' : '';
      const path = posix.normalize(line.slice(sign.length).trim() || '.').replace(/\/$/, '');
      return `${sign}${path.length > 1 ? path.replace(/^\//, '') : path}`;
    });
}

/** REQUEST_INVALID for a pattern that can not be read, with its text. */
export function ignorePatterns(lines: readonly string[]): IgnorePatterns {
  const patterns = compilePatterns(lines);
  const exceptions = patterns.filter((pattern) => pattern.isException);
  return {
    ignores: (path) => matchesWithParents(patterns, path),
    prunes: (path) => !exceptions.some((pattern) => mayMatchBelow(pattern, path)),
    isEmpty: patterns.length === 0,
  };
}

export function compilePatterns(lines: readonly string[]): Pattern[] {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(compile);
}

/** The answer for PATH alone and for as many folders above as the pattern has segments; for tests of the language. */
export function matchesPath(patterns: readonly Pattern[], path: string): boolean {
  const parents = parentsOf(path);
  let matched = false;
  for (const pattern of patterns) {
    const above = parents[pattern.segments.length - 1];
    if (pattern.matches(path) || (above !== undefined && pattern.matches(above))) matched = !pattern.isException;
  }
  return matched;
}

export function matchesWithParents(patterns: readonly Pattern[], path: string): boolean {
  const parents = parentsOf(path);
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.isException !== matched) continue;
    if (pattern.matches(path) || parents.some((parent) => pattern.matches(parent))) matched = !pattern.isException;
  }
  return matched;
}

/** Folders above PATH, outermost first. */
function parentsOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

function compile(line: string): Pattern {
  const isException = line.startsWith('!');
  const text = isException ? line.slice(1) : line;
  if (text === '') throw invalid(line);
  const path = posix.normalize(text).replace(/(.)\/$/, '$1');
  checkSyntax(path, line);
  const pattern = new RegExp(`^${regularExpression(path)}$`, 'su');
  return { isException, text: path, segments: path.split('/'), matches: (one) => pattern.test(one) };
}

function regularExpression(glob: string): string {
  const chars = [...glob];
  let out = '';
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at]!;
    if (char === '*' && chars[at + 1] === '*') {
      at += 1;
      if (chars[at + 1] === '/') at += 1;
      out += at + 1 >= chars.length ? '.*' : '(?:.*/)?';
    } else if (char === '*') out += '[^/]*';
    else if (char === '?') out += '[^/]';
    else if (char === '\\') out += literal(chars[++at] ?? '\\');
    else if (char === '[') {
      const { source, end } = characterClass(chars, at);
      out += source;
      at = end;
    } else out += literal(char);
  }
  return out;
}

/** CHARS[FROM] is `[`; checkSyntax() has seen that it ends. */
function characterClass(chars: readonly string[], from: number): { source: string; end: number } {
  let at = from + 1;
  let source = '[';
  if (chars[at] === '^') {
    source += '^';
    at += 1;
  }
  for (let first = true; first || chars[at] !== ']'; first = false, at += 1) {
    if (chars[at] === '-' && !first) source += '-';
    else if (chars[at] === '\\') source += literal(chars[++at] ?? '\\');
    else source += literal(chars[at] ?? '');
  }
  return { source: `${source}]`, end: at };
}

/** The syntax of Go's filepath.Match, which everybody's ignore files are written for. */
function checkSyntax(path: string, line: string): void {
  const chars = [...path];
  for (let at = 0; at < chars.length; at += 1) {
    if (chars[at] === '\\' && ++at >= chars.length) throw invalid(line);
    if (chars[at] === '[' && chars[at - 1] !== '\\') at = classEnd(chars, at + 1, line);
  }
}

function classEnd(chars: readonly string[], from: number, line: string): number {
  let at = chars[from] === '^' ? from + 1 : from;
  const one = () => {
    if (chars[at] === undefined || chars[at] === '-' || chars[at] === ']') throw invalid(line);
    if (chars[at] === '\\') at += 1;
    if (chars[at] === undefined) throw invalid(line);
    at += 1;
  };
  for (let count = 0; count === 0 || chars[at] !== ']'; count += 1) {
    one();
    if (chars[at] !== '-') continue;
    at += 1;
    one();
  }
  return at;
}

/** Compares segment by segment as far as both go; `**` may stand for anything. */
function mayMatchBelow({ segments }: Pattern, folder: string): boolean {
  for (const [index, name] of folder.split('/').entries()) {
    const segment = segments[index];
    if (segment === undefined) return true;
    if (segment.includes('**')) return true;
    if (!new RegExp(`^${regularExpression(segment)}$`, 'su').test(name)) return false;
  }
  return true;
}

function invalid(line: string): BerthError {
  return new BerthError('REQUEST_INVALID', `the ignore pattern ${JSON.stringify(line)} can not be read`, {
    hint: 'a "[" needs its "]" and a "\\" a sign after it',
  });
}
