import { expect, test } from 'vitest';
import type { WhyLink } from '../../../src/engine/history/why.ts';
import { fittedLines } from '../../../src/ui/fit-table.ts';
import { whyLines } from '../../../src/ui/print-why.ts';
import { wrapLine } from '../../../src/ui/wrap-line.ts';

const HEADINGS = ['NAME', 'COMMAND', 'STATUS', 'PORTS'];
const ROWS = [
  ['shop-web-1', '"sh -c echo listenin…"', 'Up 3s', '127.0.0.1:80->80/tcp, [::1]:80->80/tcp'],
  ['shop-db-1', '"postgres"', 'Up 5s (healthy)', ''],
];
const fitted = (width: number | undefined) => fittedLines(HEADINGS, ROWS, { width, least: ['COMMAND'] });

test('a table is as wide as it gets where nobody sees its edge, or where it fits', () => {
  expect(fitted(undefined)).toEqual(fitted(200));
  expect(fitted(undefined)[1]).toMatch(/^shop-web-1 {3}"sh -c echo listenin…" {3}Up 3s .*127.*, \[::1\]:80->80\/tcp$/);
});

test('a narrower window has the last column in several lines, then fewer columns, then paragraphs', () => {
  expect(fitted(85)).toEqual([
    'NAME         COMMAND                  STATUS            PORTS',
    'shop-web-1   "sh -c echo listenin…"   Up 3s             127.0.0.1:80->80/tcp,',
    '                                                        [::1]:80->80/tcp',
    'shop-db-1    "postgres"               Up 5s (healthy)',
  ]);
  expect(fitted(60)).toEqual([
    'NAME         STATUS            PORTS',
    'shop-web-1   Up 3s             127.0.0.1:80->80/tcp,',
    '                               [::1]:80->80/tcp',
    'shop-db-1    Up 5s (healthy)',
  ]);
  expect(fitted(40)).toEqual([
    'shop-web-1',
    '  Up 3s',
    '  127.0.0.1:80->80/tcp,',
    '  [::1]:80->80/tcp',
    'shop-db-1',
    '  Up 5s (healthy)',
  ]);
});

test('lines are wrapped between words, the further ones stand in', () => {
  expect(wrapLine('  one two three four', 11)).toEqual(['  one two', '    three', '    four']);
  expect(wrapLine('one two', 7)).toEqual(['one two']);
  expect(wrapLine('one two', undefined)).toEqual(['one two']);
  expect(wrapLine(`a ${'x'.repeat(20)} b c`, 8)).toEqual(['a', `  ${'x'.repeat(20)}`, '  b c']);
  expect(wrapLine('x'.repeat(20), 8)).toEqual(['x'.repeat(20)]);
});

/** `count` rounds of end, start and restart after a first start, the latest first. */
function rounds(count: number): WhyLink[] {
  const event = (id: number, action: string, why: string, attributes = {}) => ({
    ...{
      id,
      action,
      why,
      attributes,
      type: 'container',
      stack: 's',
      service: 'w',
      replica: 1,
      cause: id - 1,
      after: [],
    },
    time: new Date(Date.UTC(2026, 0, 1, 12) + id * 1000).toISOString(),
    actor: { id: 'x', name: 's-w-1' },
  });
  const events = [event(0, 'start', 'newly created')];
  for (let round = 0; round < count; round++) {
    events.push(event(events.length, 'die', 'its program ended with exit code 3', { exitCode: '3' }));
    events.push(event(events.length, 'restart', `restart policy, after ${round} ms`));
    events.push(event(events.length, 'start', 'its restart policy'));
  }
  events.push(event(events.length, 'die', 'its program ended with exit code 3', { exitCode: '3' }));
  return events
    .reverse()
    .map((one, depth) => ({ event: one, depth, relation: depth === 0 ? 'fact' : 'cause' })) as WhyLink[];
}

test('a chain that goes round in circles is told once', () => {
  const told = (count: number) =>
    whyLines({ service: 'w', container: null, chain: rounds(count), lastLines: [] })
      .slice(1)
      .map((line) => line.replace(/since \S+$/, 'since T').replace(/, [-\d ]*\d\d:\d\d:\d\d\.000$/, ''));

  expect(told(4)).toEqual([
    '  s-w-1 ended with exit code 3',
    '    because s-w-1 was started: its restart policy',
    '      because s-w-1 is to be restarted: restart policy, after 3 ms',
    '      and so 3 times before, since T',
    '        because s-w-1 ended with exit code 3',
    '          because s-w-1 was started: newly created',
  ]);
  expect(told(1)).toHaveLength(5);
  expect(told(2)).toHaveLength(6);
});

test('in a terminal the last log lines can not steer it', () => {
  const said = (width?: number) =>
    whyLines({ service: 'w', container: null, chain: [], lastLines: ['\x1b[2J\x1b[31mred'] }, width).at(-1);

  expect(said(80)).toBe('  ^[[2Jred');
  expect(said()).toBe('  \x1b[2J\x1b[31mred');
});
