/**
 * A failure as a person reads it: what, where in the stack file, what to do.
 *
 *     error: service web: port 8080 is taken by nginx (pid 812)
 *       --> stack.yaml:14:9
 *        |
 *     14 |       - "8080:80"
 *        |         ^^^^^^^^^
 *       hint: end that program, or publish another port
 */
import { relative } from 'node:path';
import { BerthError, type Diagnostic, type SourcePos } from '../base/errors.ts';
import { readBounded } from '../base/read-bounded.ts';
import { type Palette, paletteFor, withoutControls } from './colors.ts';
import { noteLine } from './output.ts';

/** Prints any thrown value to stderr. */
export function printError(error: unknown): void {
  for (const line of errorLines(error, paletteFor(process.stderr))) noteLine(line);
}

export function errorLines(error: unknown, paint: Palette): string[] {
  if (!(error instanceof BerthError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [`${paint.red('error:')} ${text}`, `  ${paint.cyan('hint:')} this is a bug in berth: please report it`];
  }
  if (error.diagnostics && error.diagnostics.length > 0) {
    return [...error.diagnostics.flatMap((d) => diagnosticLines(d, paint)), ...summary(error.diagnostics)];
  }
  return diagnosticLines({ severity: 'error', message: error.message, at: error.at, hint: error.hint }, paint);
}

/** One finding with its place; used for warnings too. */
export function diagnosticLines(diagnostic: Diagnostic, paint: Palette): string[] {
  const { severity, message, at, hint, width } = diagnostic;
  const label = severity === 'error' ? paint.red('error:') : paint.yellow('warning:');
  return [
    `${label} ${cleaned(message)}`,
    ...(at ? placeLines(at, { text: diagnostic.sourceLine ?? sourceLine(at), width: width ?? 1 }, paint) : []),
    ...(hint ? [`  ${paint.cyan('hint:')} ${cleaned(hint)}`] : []),
  ];
}

type Source = { readonly text: string | undefined; readonly width: number };

function placeLines(at: SourcePos, { text, width }: Source, paint: Palette): string[] {
  const place = `  ${paint.blue('-->')} ${shortPath(at.file)}:${at.line}:${at.col}`;
  if (text === undefined) return [place];
  const number = String(at.line);
  const margin = ' '.repeat(number.length);
  const bar = paint.blue('|');
  const before = text.slice(0, at.col - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(width, text.length - at.col + 1)));
  return [
    place,
    ` ${margin} ${bar}`,
    ` ${paint.blue(number)} ${bar} ${withoutControls(text)}`,
    ` ${margin} ${bar} ${before}${paint.red(carets)}`,
  ];
}

function sourceLine({ file, line }: SourcePos): string | undefined {
  try {
    return readBounded(file)?.split('\n')[line - 1]?.replace(/\r$/, '');
  } catch {
    return undefined;
  }
}

/** Below the working folder relative, else as it is. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}

function cleaned(text: string): string {
  return text.split('\n').map(withoutControls).join('\n  ');
}

function summary(diagnostics: readonly Diagnostic[]): string[] {
  const errors = diagnostics.filter((d) => d.severity === 'error').length;
  return errors > 1 ? ['', `${errors} errors; nothing was changed`] : [];
}

/** Prints findings that stop nothing. */
export function printWarnings(warnings: readonly Diagnostic[]): void {
  const paint = paletteFor(process.stderr);
  for (const line of warnings.flatMap((w) => diagnosticLines(w, paint))) noteLine(line);
}
