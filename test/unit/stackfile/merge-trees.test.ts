import { expect, test } from 'vitest';
import { collectFindings } from '../../../src/stackfile/findings.ts';
import { mergeTrees } from '../../../src/stackfile/merge-trees.ts';
import { parseYaml } from '../../../src/stackfile/parse-yaml.ts';
import { printYaml } from '../../../src/stackfile/print-yaml.ts';
import { plainValue } from '../../../src/stackfile/tree.ts';

/** The attributes of one service in two files -> those of the merged one. */
function merged(base: string, over: string): string {
  const [first, second] = [base, over].map(
    (text) => parseYaml(`services:\n  web: ${text}\n`, '/stack.yaml', collectFindings())![0],
  );
  const whole = plainValue(mergeTrees(first, second!)!) as { services: { web: unknown } };
  return printYaml(whole.services.web).trimEnd();
}

test('single values are replaced, maps merged, lists appended without doubles', () => {
  expect(
    merged('{image: a, labels: {x: 1, y: 2}, cap_add: [A, B]}', '{image: b, labels: {y: 3}, cap_add: [B, C]}'),
  ).toMatchInlineSnapshot(`
    "image: b
    labels:
      x: 1
      "y": 3
    cap_add:
      - A
      - B
      - C"
  `);
});

test('command, entrypoint and the test of a healthcheck are replaced as a whole', () => {
  const base = '{command: [a, b], entrypoint: [c], healthcheck: {test: [CMD, x], retries: 1}}';

  expect(merged(base, '{command: d, entrypoint: [e], healthcheck: {test: [NONE]}}')).toMatchInlineSnapshot(`
    "command: d
    entrypoint:
      - e
    healthcheck:
      test:
        - NONE
      retries: 1"
  `);
});

test('mappings may be written as lists in one file and as maps in another', () => {
  expect(
    merged('{environment: [A=1, B=2], depends_on: [db]}', '{environment: {B: 3}, depends_on: {db: {restart: true}}}'),
  ).toMatchInlineSnapshot(`
    "environment:
      A: "1"
      B: 3
    depends_on:
      db:
        condition: service_started
        restart: true"
  `);
});

test('mounts, devices and secrets are told apart by their target', () => {
  const base = '{volumes: ["./a:/x", "./b:/y"], devices: ["/dev/a:/dev/x"], secrets: [s, t]}';
  const over =
    '{volumes: [{type: bind, source: ./c, target: /x}], devices: ["/dev/b:/dev/x"], secrets: [{source: z, target: /run/secrets/s}]}';

  expect(merged(base, over)).toMatchInlineSnapshot(`
    "volumes:
      - type: bind
        source: ./c
        target: /x
      - ./b:/y
    devices:
      - /dev/b:/dev/x
    secrets:
      - source: z
        target: /run/secrets/s
      - t"
  `);
});

/* A host may have several addresses: the later file used to replace the earlier one's. */
test('addresses of a host add up', () => {
  expect(
    merged('{extra_hosts: {a: 1.1.1.1}}', '{extra_hosts: ["a:2.2.2.2", "a=1.1.1.1", "b=3.3.3.3"]}'),
  ).toMatchInlineSnapshot(`
    "extra_hosts:
      - a=1.1.1.1
      - a=2.2.2.2
      - b=3.3.3.3"
  `);
});

test('!override replaces, !reset takes away', () => {
  expect(
    merged(
      '{ports: ["1:1"], labels: {a: 1}, user: x}',
      '{ports: !override ["2:2"], labels: !reset {}, user: !reset null}',
    ),
  ).toMatchInlineSnapshot(`
    "ports:
      - "2:2""
  `);
});

/* What the first file said was lost. */
test('additional contexts may be a map in one file and a list in another', () => {
  expect(
    merged('{build: {additional_contexts: {a: b, c: d}}}', '{build: {additional_contexts: [c=e, f=g]}}'),
  ).toMatchInlineSnapshot(`
    "build:
      additional_contexts:
        a: b
        c: e
        f: g"
  `);
});
