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
  ['{{range .State.Codes}}<{{.}}>{{end}}', '<1><2>'],
  [
    '{{range $i, $c := .State.Codes}}{{if $i}}, {{end}}{{$i}}={{$c}} of {{$.Name}}{{end}}',
    '0=1 of web-1, 1=2 of web-1',
  ],
  ['{{range $key, $value := .Map}}{{$key}}={{$value}};{{end}}', 'k.v=deep;'],
  ['{{range .Nothing}}x{{else}}none{{end}}', 'none'],
  ['{{range .State.Codes}}{{if eq . 2}}{{break}}{{end}}{{.}}{{end}}', '1'],
  ['{{range .State.Codes}}{{if eq . 1}}{{continue}}{{end}}{{.}}{{end}}', '2'],
  ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
  ['{{if not .State.Running}}a{{else if eq .Name "web-1" "x"}}b{{else}}c{{end}}', 'b'],
  ['{{if and .Name (gt (len .State.Codes) 1)}}many{{end}}', 'many'],
  ['{{if or .Nothing false}}x{{else}}neither{{end}}', 'neither'],
  ['{{with .State}}{{.Running}} {{index .Codes 0}}{{end}}', 'true 1'],
  ['{{with .Nothing}}x{{else}}nothing{{end}}', 'nothing'],
  ['{{with $s := .State}}{{$s.Running}}{{end}}', 'true'],
  ['{{$x := "a"}}{{range .State.Codes}}{{$x = .}}{{end}}{{$x}}', '2'],
  ['{{$x := "a"}}{{if true}}{{$x := "b"}}{{end}}{{$x}}', 'a'],
  ['{{.Name | upper | printf "%-6s|%s" "a"}}', 'a     |WEB-1'],
  ['{{printf "%q %05d %v" .Name 42 .State.Codes}}', '"web-1" 00042 [1 2]'],
  ['{{slice .Name 0 3}}{{pad .Name 1 1}}{{truncate .Name 2}}', 'web web-1 we'],
  ['{{"a }} b"}}', 'a }} b'],
  ['{{printf "%s\\t%v\\n" .Name 1}}\\t', 'web-1\t1\n\t'],
  ['{{(index .State.Codes 0)}} {{lt 2 10}} {{ge "b" "a"}} {{ne 1 2}}', '1 true true true'],
  ['{{/* one */}}a{{- if true -}} b {{- end}}', 'ab'],
])('%s', (template, expected) => {
  expect(parseTemplate(template)(ROW)).toBe(expected);
});

test.each([
  ['{{range .State.Codes}}{{.}}', /{{range}} without its {{end}}/],
  ['{{end}}', /{{end}} without its beginning/],
  ['{{else}}', /{{else}} without its beginning/],
  ['{{define "x"}}{{end}}', /`define`/],
  ['{{.Name | shout}}', /`shout`/],
  ['{{if false}}{{shout .Name}}{{end}}', /`shout`/],
  ['{{if (shout .Name)}}{{end}}', /`shout`/],
  ['{{.Name | }}', /an empty/],
  ['{{(.Name}}', /without its \)/],
  ['{{.Name)}}', /`\)`/],
  ['{{$none}}', /\$none, which nothing has set/],
  ['{{.Name "x"}}', /a field with arguments/],
  ['{{printf "%x" .Name}}', /`%x` of printf/],
  ['{{.Name % 2}}', /`%`/],
  ['{{"\\x"}}', /is not understood/],
  ['{{.Name', /without its }}/],
  ['{{}}', /empty/],
])('%s is refused by name', (template, message) => {
  expect(() => parseTemplate(template)(ROW)).toThrow(message);
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
