import { expect, test } from 'vitest';
import { fieldAt, fieldsText, jsonFields, pickFields } from '../../../src/logs/filter-fields.ts';
import { levelNamed, levelOf } from '../../../src/logs/filter-level.ts';

const read = (line: string) => levelOf(line, jsonFields(line));

test.each([
  ['{"level":"warn","msg":"x"}', 'warn'],
  ['{"severity":"CRITICAL","message":"x"}', 'fatal'],
  ['{"lvl":"EROR"}', 'error'],
  ['{"log.level":"DEBUG"}', 'debug'],
  ['{"log":{"level":"info"}}', 'info'],
  ['{"level":30,"pid":1,"msg":"pino"}', 'info'],
  ['{"level":60,"name":"bunyan"}', 'fatal'],
  ['{"level":10}', 'trace'],
  ['{"level":"50"}', 'error'],
  ['{"PRIORITY":"4","MESSAGE":"journal"}', 'warn'],
  ['{"level":0}', 'fatal'],
  ['{"level":7}', 'debug'],
  ['{"level":{"name":"error","value":50}}', 'error'],
  ['{"t":{"$date":"2026-01-02T00:00:00Z"},"s":"W","c":"NETWORK","msg":"mongo"}', 'warn'],
  ['{"@l":"Fatal","@m":"serilog"}', 'fatal'],
  ['{"message":"ERROR in a message"}', undefined],
])('JSON %s', (line, level) => {
  expect(read(line)).toBe(level);
});

test.each([
  ['time="2026-01-02T15:04:05Z" level=warning msg="logrus"', 'warn'],
  ['ts=2026-01-02 caller=main.go:12 level=error msg=x', 'error'],
  ['lvl=dbug msg=x', 'debug'],
  ['<11>Jan  2 host app: syslog', 'error'],
  ['W0102 15:04:05.000000       1 klog.go:12] text', 'warn'],
  ['I0102 15:04:05.000000       1 klog.go:12] text', 'info'],
  ['1:M 02 Jan 2026 15:04:05.000 # redis', 'warn'],
  ['1:M 02 Jan 2026 15:04:05.000 * redis', 'info'],
  ['2026/01/02 15:04:05 [error] 7#7: *1 nginx', 'error'],
  ['2026/01/02 15:04:05 [emerg] 1#1: nginx', 'fatal'],
  ['[Fri Jan 02 15:04:05.0 2026] [core:warn] [pid 1] apache', 'warn'],
  ['2026-01-02 15:04:05.000 UTC [1] LOG:  database system is ready', 'info'],
  ['2026-01-02 15:04:05.000 UTC [1] FATAL:  password', 'fatal'],
  ['2026-01-02 15:04:05.000 UTC [1] STATEMENT:  select ERROR', undefined],
  ['2026-01-02T15:04:05.0Z 0 [Warning] [MY-010068] mysql', 'warn'],
  ['2026-01-02T15:04:05.0Z 0 [System] [MY-010116] mysql', 'info'],
  ['2026-01-02 15:04:05,123 ERROR root: python', 'error'],
  ['WARNING:root:python', 'warn'],
  ['2026-01-02 15:04:05,123 [main] WARN  com.example.App - log4j', 'warn'],
  ['2026-01-02T15:04:05.1Z  INFO 1 --- [main] o.s.b.Boot : spring', 'info'],
  ['[2026-01-02T15:04:05,123][INFO ][o.e.n.Node] elasticsearch', 'info'],
  ['02-Jan-2026 15:04:05.0 SEVERE [main] org.apache.catalina', 'error'],
  ['3:04PM ERR zerolog error="x"', 'error'],
  ['INFO[0000] logrus in a terminal', 'info'],
  ['2026-01-02T15:04:05Z\tDEBUG\tzap', 'debug'],
  ['[ERROR] text', 'error'],
  ['[warn] text', 'warn'],
  ['(info) text', 'info'],
  ['E, [2026-01-02T15:04:05 #1] ERROR -- : ruby', 'error'],
  ['fail: Microsoft.AspNetCore[0]', 'error'],
  ['error: it broke', 'error'],
  ['Warning: old', 'warn'],
  ['npm warn deprecated', 'warn'],
  ['npm error code 1', 'error'],
  ['panic: runtime error: index out of range', 'fatal'],
  ["thread 'main' panicked at src/main.rs:2", 'fatal'],
  ['Traceback (most recent call last):', 'error'],
  ['TypeError: x is not a function', 'error'],
  ['java.lang.NullPointerException', 'error'],
  ['Exception in thread "main" java.lang.Error', 'error'],
  ['    at Object.<anonymous> (/app/index.js:3:9)', undefined],
  ['  File "/app/main.py", line 3, in <module>', undefined],
  ['172.18.0.1 - - [02/Jan/2026:15:04:05 +0000] "GET /error HTTP/1.1" 200 12', undefined],
  ['just text about an error in the past', undefined],
  ['errors: 0', undefined],
  ['info@example.org wrote', undefined],
  ['', undefined],
])('text %s', (line, level) => {
  expect(read(line)).toBe(level);
});

test('a level is asked for by any of its names', () => {
  const asked = ['warn', 'WARNING', 'err', 'crit', '4', '30'].map(levelNamed);

  expect([...asked, levelNamed('loud'), levelNamed('8')]).toEqual([
    ...['warn', 'warn', 'error', 'fatal', 'warn', 'info'],
    ...[undefined, undefined],
  ]);
});

test('fields are found by path, and shown as key and value', () => {
  const fields = jsonFields(' {"a":{"b":{"c":1}},"a.b":"dotted","msg":"two words","n":null,"o":{"x":[1]}} ')!;

  expect(fieldAt(fields, 'a.b')).toBe('dotted');
  expect(fieldAt(fields, 'a.b.c')).toBe(1);
  expect(fieldAt(fields, 'toString')).toBe(undefined);
  expect(pickFields(fields, ['n', 'gone', 'a.b'])).toEqual({ n: null, 'a.b': 'dotted' });
  expect(fieldsText(fields, ['msg', 'a.b.c', 'o', 'gone'])).toBe('msg="two words" a.b.c=1 o={"x":[1]}');
  expect(fieldsText(fields, ['msg'])).toBe('two words');
  expect(fieldsText(fields, ['gone'])).toBe(undefined);
});

test('what is no JSON object has no fields', () => {
  expect(['[1]', '{"a":', 'text', '', '{a}', 'null'].map(jsonFields)).toEqual(Array(6).fill(undefined));
});
