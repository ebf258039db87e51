/**
 * A real terminal for tests: one window of a tmux server of the test's own.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { eventually, type TestWorld } from './test-world.ts';

export const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;
export const COLUMNS = 97;
export const ROWS = 31;

export type Terminal = {
  /**
   * Runs a command in a fresh window, as from a shell: the screen has what it shows and, when it has ended, its code.
   *
   * The pane of a program that has ended would not do: tmux scrolls it and hides its cursor.
   */
  open(command: string): void;
  type(...keys: string[]): void;
  resize(columns: number, rows: number): void;
  /** The lines that can be seen, without the empty ones below; `-e` with colours, `-J` wrapped ones as one. */
  screen(...flags: string[]): string[];
  /** Resolves when a line on the screen has this text. */
  shows(text: string): Promise<unknown>;
  /** Of the command, once it has ended. */
  exitCode(): Promise<string>;
  hasCursor(): boolean;
  close(): void;
};

/** `world`: a getter, for it is made before the tests only. */
export function terminalOf(world: () => TestWorld): Terminal {
  /* No settings of the person, no socket that another run could meet. */
  const tmux = (...args: string[]) =>
    world().inside('tmux', '-S', join(world().folder, '../tmux.sock'), '-f', '/dev/null', ...args);
  const type = (...keys: string[]) => void tmux('send-keys', ...keys);
  const screen = (...flags: string[]) =>
    tmux('capture-pane', '-p', ...flags)
      .stdout.trimEnd()
      .split('\n')
      .map((line) => line.trimEnd());
  return {
    open(command) {
      const shell = `PS1= bash --norc --noprofile -i`;
      tmux('new-session', '-d', '-x', `${COLUMNS}`, '-y', `${ROWS}`, '--', shell);
      type(`clear; ${command}; echo "code $?"`, 'Enter');
    },
    type,
    resize: (columns, rows) => void tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`),
    screen,
    shows: (text) => eventually(() => screen().some((line) => line.includes(text)), 30_000),
    exitCode: () => eventually(() => /^(?:\^C)?code (\d+)$/.exec(screen().at(-1) ?? '')?.[1], 30_000),
    hasCursor: () => tmux('display', '-p', '#{cursor_flag}').stdout.trim() === '1',
    close: () => void tmux('kill-server'),
  };
}
