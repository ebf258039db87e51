import { expect, test } from 'vitest';
import { nearest } from '../../../src/base/nearest.ts';
import { endFlagsAtCommand, plainBooleans } from '../../../src/commands/end-flags.ts';
import { findCommand } from '../../../src/commands/find-command.ts';

test('stack flags before the command are handed on behind it', () => {
  expect(findCommand(['-f', 'a.yaml', '--profile=dev', 'logs', '-f', 'web'])).toEqual({
    kind: 'command',
    id: 'logs',
    argv: ['--file=a.yaml', '--profile=dev', '-f', 'web'],
    environment: {},
  });
});

test('two-word commands, topics, help and version', () => {
  expect(findCommand(['engine', 'status', '--json'])).toEqual({
    kind: 'command',
    id: 'engine status',
    argv: ['--json'],
    environment: {},
  });
  expect(findCommand(['image'])).toEqual({ kind: 'help', subject: 'image' });
  expect(findCommand(['up', '--help'])).toEqual({ kind: 'help', subject: 'up' });
  expect(findCommand([])).toEqual({ kind: 'help', subject: '' });
  expect(findCommand(['--version'])).toEqual({ kind: 'version' });
});

test('help behind the service of an exec is the program’s', () => {
  expect(findCommand(['exec', 'web', 'ls', '--help'])).toMatchObject({ kind: 'command', id: 'exec' });
  expect(findCommand(['exec', '--help'])).toEqual({ kind: 'help', subject: 'exec' });
});

test('a slip names the command that was meant', () => {
  expect(() => findCommand(['dwon'])).toThrow('there is no command `berth dwon`');
  expect(nearest('dwon', ['up', 'down'])).toBe('down');
  expect(nearest('qqqq', ['up', 'down'])).toBeUndefined();
});

test('flags end at the service', () => {
  const flags = { env: { type: 'option', char: 'e' }, detach: { type: 'boolean', char: 'd' } };

  expect(endFlagsAtCommand(['-e', 'A=1', '-d', 'web', 'ls', '-la'], flags)).toEqual([
    '-e',
    'A=1',
    '-d',
    '--',
    'web',
    'ls',
    '-la',
  ]);
  expect(endFlagsAtCommand(['--env=A', '--', 'web'], flags)).toEqual(['--env=A', '--', 'web']);
});

test('flags end at the service behind letters that stand together', () => {
  const flags = { user: { type: 'option', char: 'u' }, 'no-tty': { type: 'boolean', char: 'T' } };

  expect(endFlagsAtCommand(['-Tu', 'root', 'web', 'id'], flags)).toEqual(['-Tu', 'root', '--', 'web', 'id']);
  expect(endFlagsAtCommand(['-Turoot', 'web', 'id'], flags)).toEqual(['-Turoot', '--', 'web', 'id']);
});

test('booleans with a value, up to the program', () => {
  const flags = {
    wait: { type: 'boolean' },
    'sig-proxy': { type: 'boolean', allowNo: true },
    format: { type: 'option' },
  };

  const plain = plainBooleans(['--wait=true', '--sig-proxy=false', '--format=true', '--', '--wait=false'], flags);

  expect(plain).toEqual(['--wait', '--no-sig-proxy', '--format=true', '--', '--wait=false']);
  expect(plainBooleans(['--wait=false'], flags)).toEqual([]);
});

test('how things are shown is said before the command, for all of it', () => {
  expect(findCommand(['--ansi', 'never', '--progress=plain', '--parallel', '2', '--dry-run', 'up', '-d'])).toEqual({
    kind: 'command',
    id: 'up',
    argv: ['--dry-run', '-d'],
    environment: { COMPOSE_ANSI: 'never', COMPOSE_PROGRESS: 'plain', COMPOSE_PARALLEL_LIMIT: '2' },
  });
});
