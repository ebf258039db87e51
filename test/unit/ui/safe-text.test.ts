import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeText, withoutColors } from '../../../src/ui/safe-text.ts';

const shown = (bytes: string | Buffer, { colors = true, ends = true } = {}) =>
  safeText(Buffer.from(bytes), { colors, ends }).text.toString();

test.each([
  ['plain\ttext', 'plain\ttext'],
  ['Grüße, 日本, 🚢', 'Grüße, 日本, 🚢'],
  ['\x1b[1;31mred\x1b[0m', '\x1b[1;31mred\x1b[0m'],
  ['\x1b[38:2::1:2:3mx', '\x1b[38:2::1:2:3mx'],
  ['clear \x1b[2J\x1b[H', 'clear ^[[2J^[[H'],
  ['title \x1b]0;gotcha\x07', 'title ^[]0;gotcha^G'],
  ['device \x1bP+q\x1b\\', 'device ^[P+q^[\\'],
  ['bell \x07 back \x08 nul \x00 del \x7f', 'bell ^G back ^H nul ^@ del ^?'],
  ['10%\r20%\r', '10%^M20%'],
  ['c1 \u009b2J \u0085', 'c1 \\u009b2J \\u0085'],
  ['\u202eevil\u2066', '\\u202eevil\\u2066'],
  ['a\u2028b', 'a\\u2028b'],
])('%j is shown as %j', (text, safe) => {
  expect(shown(text)).toBe(safe);
});

test('bytes that are no text are shown by their number', () => {
  expect(shown(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x9a, 0xa2]))).toBe(
    'a\\xff\\xc3(\\xe2\\x82🚢',
  );
});

test('without colours the codes for them are taken out, and nothing else', () => {
  expect(shown('\x1b[31mred\x1b[0m \x1b[2J', { colors: false })).toBe('red ^[[2J');
  expect(withoutColors(Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xff, 0x0d])).toString('hex')).toBe('ff0d');
});

test.each([
  ['ship 🚢', 7],
  ['red \x1b[31m', 6],
  ['red \x1b[0m', 5],
  ['end\r', 4],
])('what a part cuts in two is kept for the next: %j at %i', (text, cut) => {
  const bytes = Buffer.from(text);
  const first = safeText(bytes.subarray(0, cut), { colors: true, ends: false });
  const second = safeText(Buffer.concat([first.rest, bytes.subarray(cut)]), { colors: true, ends: true });

  expect(first.rest.length).toBeGreaterThan(0);
  expect(`${first.text}${second.text}`).toBe(text.replace('\r', ''));
});

test('whatever the bytes, wherever they are cut, only colours steer the terminal', () => {
  const steering = fc.constantFrom('\x1b[', '\x1b]', '31m', '\x9b', '\u202e', '\r', 'é', '\x1b', '\xff', 'm');
  const bytes = fc
    .array(fc.oneof(steering, fc.uint8Array({ maxLength: 3 })), { maxLength: 12 })
    .map((parts) =>
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))),
    );
  fc.assert(
    fc.property(bytes, fc.nat(20), fc.boolean(), (all, at, colors) => {
      const first = safeText(all.subarray(0, at), { colors, ends: false });
      const second = safeText(Buffer.concat([first.rest, all.subarray(at)]), { colors, ends: true });
      const text = `${first.text}${second.text}`;

      expect(text.replaceAll(/\x1b\[[\d;:]*m/g, colors ? '' : '$&')).not.toMatch(
        /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/,
      );
    }),
    { numRuns: 2000 },
  );
});
