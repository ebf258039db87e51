/** --format: the templates that are understood, and the refusal of the others. */
import { expect, test } from 'vitest';
import { formatRows } from '../../../src/ui/format-rows.ts';
import { parseTemplate } from '../../../src/ui/go-template.ts';

const ROW = {
  Name: 'web-1',
  Labels: 'a=1,b=x=y',
  State: { Running: true, Codes: [1, 2] },
  Map: { 'k.v': 'deep' },
  Nothing: null,
};

test.each([
  ['{{.Name}}', 'web-1'],
  ['{{ .Name }}\\t{{.State.Running}}', 'web-1\ttrue'],
  ['{{json .State}}', '{"Running":true,"Codes":[1,2]}'],
  ['{{json .}}', JSON.stringify(ROW)],
  ['{{upper .Name}}!', 'WEB-1!'],
  ['{{len .State.Codes}}', '2'],
  ['{{join .State.Codes ", "}}', '1, 2'],
  ['{{index .Map "k.v"}}', 'deep'],
  ['{{index .State.Codes 1}}', '2'],
  ['{{.Label "b"}}', 'x=y'],
  ['{{.Label "none"}}', ''],
  ['{{.State.Codes}} {{.Map}} {{.Nothing}}', '[1 2] map[k.v:deep] <nil>'],
  ['{{.Map.none}}', '<no value>'],
  ['a {{- /* said nothing */ -}} b', 'ab'],
  ['no field', 'no field'],
])('%s', (template, expected) => {
  expect(parseTemplate(template)(ROW)).toBe(expected);
});

test.each([
  ['{{range .State.Codes}}{{.}}{{end}}', /`range`.*not understood/],
  ['{{if .Name}}x{{end}}', /`if`/],
  ['{{.Name | upper}}', /`\|`/],
  ['{{.Name', /without its }}/],
  ['{{}}', /empty/],
  ['{{printf "%s" .Name}}', /`printf`/],
])('%s is refused by name', (template, message) => {
  expect(() => parseTemplate(template)).toThrow(message);
});

test('a field that is not there is named, and so are those that are', () => {
  expect(() => parseTemplate('{{.Nmae}}')(ROW)).toThrow('there is no field .Nmae');
});

test('a table of a template has the headings of its fields', () => {
  const rows = [{ Names: 'web', RunningFor: '3s' }];

  const lines = formatRows(rows, {
    format: 'table {{.Names}}\\t{{.RunningFor}}',
    table: () => [],
    headings: { RunningFor: 'CREATED' },
  });

  expect(lines).toEqual(['NAMES   CREATED', 'web     3s']);
});

test('json is one object a line', () => {
  expect(formatRows([{ A: 1 }, { A: 2 }], { format: 'json', table: () => [] })).toEqual(['{"A":1}', '{"A":2}']);
});
