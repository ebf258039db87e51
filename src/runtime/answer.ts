/**
 * One line of the launcher's stdout -> a value.
 *
 * Owns the grammar of docs/executor.md ("Answer lines").
 */
export type Answer = LauncherAnswer | ProgramAnswer;

/** The first line after start. */
export type LauncherAnswer = { readonly kind: 'ready' | 'busy'; readonly pid: number };

/** About the program with that tag. */
export type ProgramAnswer =
  | { readonly kind: 'listening' | 'done'; readonly tag: string }
  | { readonly kind: 'started'; readonly tag: string; readonly pid: number; readonly startTime: number }
  | {
      readonly kind: 'failed';
      readonly tag: string;
      /** 0-based number of the op. */
      readonly op: number;
      readonly errno: number;
      readonly message: string;
    };

/** undefined when the line is none that we know. */
export function parseAnswer(line: string): Answer | undefined {
  const [first = '', second = '', ...rest] = line.split(' ');
  if (first === 'ready' || first === 'busy') return { kind: first, pid: Number(second) };
  switch (second) {
    case 'listening':
    case 'done':
      return { kind: second, tag: first };
    case 'started':
      return { kind: 'started', tag: first, pid: Number(rest[0]), startTime: Number(rest[1]) };
    case 'failed':
      return {
        kind: 'failed',
        tag: first,
        op: Number(rest[0]),
        errno: Number(rest[1]),
        message: rest.slice(2).join(' '),
      };
    default:
      return undefined;
  }
}
