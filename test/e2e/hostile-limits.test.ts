/**
 * Files that nobody wrote by hand, each read by a process of its own that may take 200 MiB and little time.
 *
 * The bound of the processor time is several times what is asked for (a
 * second), since tests run beside others; what it finds is time that grows
 * with the square of the file, which takes minutes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BERTH } from './test-world.ts';

const MAX_RSS_MIB = 200;
const MAX_CPU_MS = 6000;

const folder = mkdtempSync(join(tmpdir(), 'berth-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hook = join(folder, 'hook.cjs');
writeFileSync(
  hook,
  `process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    require('node:fs').writeSync(3, JSON.stringify({ rss: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }));
  });`,
);

type Reading = { readonly code: number | null; readonly stderr: string; readonly rss: number; readonly cpu: number };

function read(files: Readonly<Record<string, string>>, file = 'stack.yaml'): Reading {
  const cwd = mkdtempSync(join(folder, 'case-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const { status, stderr, output } = spawnSync(
    process.execPath,
    ['--require', hook, BERTH, 'config', '-q', '-f', file],
    {
      cwd,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  rmSync(cwd, { recursive: true });
  const usage = output[3] ? (JSON.parse(output[3]) as { rss: number; cpu: number }) : { rss: Infinity, cpu: Infinity };
  return { code: status, stderr, ...usage };
}

function expectWithin({ rss, cpu }: Reading): void {
  expect({ rss: rss < MAX_RSS_MIB || rss, cpu: cpu < MAX_CPU_MS || cpu }).toEqual({ rss: true, cpu: true });
}

const range = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('\n');
const web = (body: string) => `services:\n  web:\n    image: host\n    ${body}\n`;
const LETTERS = 'abcdefghij';
const M = 1e6;

const REFUSED: Readonly<Record<string, readonly [text: string, message: string]>> = {
  'aliases of aliases': [
    `a: &a [x]\n${range(9, (i) => `${LETTERS[i + 1]}: &${LETTERS[i + 1]} [${`*${LETTERS[i]},`.repeat(9)}]`)}`,
    'too large once its aliases are resolved',
  ],
  'merges of merges': [
    `x-0: &m0 {k: 1}\n${range(3000, (i) => `x-${i + 1}: &m${i + 1} {<<: *m${i}, k${i}: 1}`)}`,
    'too large once its aliases are resolved',
  ],
  'brackets 10^5 deep': [`a: ${'['.repeat(1e5)}${']'.repeat(1e5)}`, 'nested more than 200 deep'],
  'braces 10^5 deep': [`a: ${'{a: '.repeat(1e5)}`, 'nested more than 200 deep'],
  'dashes 10^5 deep': [`${'- '.repeat(1e5)}a`, 'nested more than 200 deep'],
  'questions 10^5 deep': [`${'? '.repeat(1e5)}a`, 'too large|nested more than 200 deep'],
  'indents 900 deep': [range(900, (i) => `${' '.repeat(i)}a:`), 'too large|nested more than 200 deep'],
  'a million values': [`x-a: [${'a,'.repeat(0.9 * M)}a]`, 'too large'],
  'a million texts': [`x-a: [${'"",'.repeat(0.6 * M)}""]`, 'too large'],
  'a million maps': [`x-a: [${'{},'.repeat(0.6 * M)}{}]`, 'too large'],
  'a million colons': ['a: '.repeat(0.6 * M), 'too large'],
  'values of the complete parser': [`x-a: !t [${'a,'.repeat(0.9 * M)}a]`, 'too large'],
  '35,000 services': [`services:\n${range(35_000, (i) => `  w${i}: {image: x}`)}`, 'can have 5000'],
  '35,000 faults': [`services:\n${range(35_000, (i) => `  w${i}: {imag: x}`)}`, 'can have 5000'],
  '3000 names that are not there': [
    `services:\n${range(3000, (i) => `  w${i}: {image: x, depends_on: [v${i}]}`)}`,
    '500 errors',
  ],
  'names of a thousand letters': [
    `services: {web: {image: host, ${Array.from({ length: 1000 }, (_, i) => `${'imagee'.repeat(150)}${i}: 1`).join(', ')}}}`,
    'has no attribute',
  ],
  'variables 10^5 deep': [web(`command: "${'${A:-'.repeat(1e5)}${'}'.repeat(1e5)}"`), 'nested more than 50 deep'],
  'variables that do not end': [web(`command: "${'${A:-'.repeat(3e5)}"`), 'has no closing brace'],
  'a circle of 4500 services': [
    `services:\n${range(4500, (i) => `  w${i}: {image: x, depends_on: [w${(i + 1) % 4500}]}`)}`,
    'depend on each other in a circle',
  ],
  'a duration of a million letters': [web(`stop_grace_period: ${'1h'.repeat(5e5)}x`), 'a duration like'],
  'a port of a million colons': [web(`ports: ["${'1:'.repeat(5e5)}"]`), 'ports'],
  'ten thousand ranges of ports': [web(`ports: [${'"1-65535",'.repeat(1e4)}]`), 'more than 65536 ports'],
};

test.each(Object.entries(REFUSED))('%s: refused within bounds', { timeout: 90_000 }, (_, [text, message]) => {
  const reading = read({ 'stack.yaml': text });

  expect(reading.code, reading.stderr.slice(0, 300)).toBe(3);
  expect(reading.stderr).toMatch(new RegExp(message));
  expectWithin(reading);
});

const TAKEN: Readonly<Record<string, string>> = {
  'a plain value of 1.9 MB': web(`labels: {a: ${'x'.repeat(1.9 * M)}}`),
  'a block of 1.9 MB': web(`labels:\n      a: |\n${range(19_000, () => `        ${'x'.repeat(90)}`)}`),
  'a text over many lines': web(`labels:\n      a: "${range(30_000, () => `        ${'x'.repeat(50)}`)}"`),
  'brackets in quotes': web(`labels: {a: "${'['.repeat(5000)}"}\nx-a: !t 1`),
  '1.9 MB of line ends': `${'\n'.repeat(1.8 * M)}services: {}`,
  'a million words': web(`command: ${'a '.repeat(0.9 * M)}`),
  '450,000 variables': web(`command: "${'${A}'.repeat(4.5e5)}"`),
  'braces that do not pair': web(`command: "${'${A:-{}'.repeat(2.5e5)}"`),
  'a chain of 4500 services': `services:\n  w0: {image: x}\n${range(4500, (i) => `  w${i + 1}: {image: x, depends_on: [w${i}]}`)}`,
};

test.each(Object.entries(TAKEN))('%s: read within bounds', { timeout: 90_000 }, (_, text) => {
  const reading = read({ 'stack.yaml': text });

  expect(reading.code, reading.stderr.slice(0, 300)).toBe(0);
  expectWithin(reading);
});

test('files of 50 MB, devices, and files that include each other again and again', { timeout: 90_000 }, () => {
  const large = 'A=1\n'.repeat(12.5 * M);
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `f${i}.yaml`,
      `include: [f${i + 1}.yaml, {path: f${i + 1}.yaml}]\nservices: {w${i}: {image: x}}`,
    ]),
  );
  const readings = [
    [read({ 'stack.yaml': large }), 'larger than 2 MiB'],
    [read({ 'stack.yaml': web(''), '.env': large }), 'larger than 2 MiB'],
    [read({ 'stack.yaml': web('env_file: a.env'), 'a.env': large }), 'larger than 2 MiB'],
    [read({}, '/dev/zero'), 'larger than 2 MiB'],
    [read({ 'stack.yaml': 'include: [f0.yaml]', ...doubling, 'f40.yaml': web('') }), 'included again and again'],
  ] as const;

  for (const [reading, message] of readings) {
    expect(reading.code, reading.stderr.slice(0, 300)).toBe(3);
    expect(reading.stderr).toContain(message);
    expectWithin(reading);
  }
});
