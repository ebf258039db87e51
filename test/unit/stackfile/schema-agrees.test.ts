/**
 * schema.json and the loader's own check say the same of the same documents: both come from the shapes.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectFindings } from '../../../src/stackfile/findings.ts';
import { parseYaml } from '../../../src/stackfile/parse-yaml.ts';
import type { ObjectShape, Shape } from '../../../src/stackfile/shape.ts';
import { stack } from '../../../src/stackfile/stack-shape.ts';
import { validate } from '../../../src/stackfile/validate.ts';

const schema = JSON.parse(readFileSync(new URL('../../../schema.json', import.meta.url), 'utf8')) as object;
const bySchema = new Ajv2020({ strict: false, allErrors: false }).compile(schema);

function byLoader(document: unknown): boolean {
  const findings = collectFindings();
  const [tree] = parseYaml(JSON.stringify(document), '/stack.yaml', findings)!;
  if (tree) validate(tree, stack, '', findings);
  return findings.errors.length === 0;
}

type Attribute = { readonly path: string; readonly shape: Shape; readonly wrap: (value: unknown) => unknown };

/** Every attribute with a document around it that is fine otherwise. */
function attributes(shape: Shape, path: string, wrap: Attribute['wrap']): Attribute[] {
  switch (shape.kind) {
    case 'either':
      return shape.shapes.flatMap((inner) => attributes(inner, path, wrap));
    case 'list':
      return attributes(shape.of, `${path}[]`, (value) => wrap([value]));
    case 'map':
      return attributes(shape.of, `${path}.*`, (value) => wrap({ a: value }));
    case 'object':
      return Object.entries(shape.fields).flatMap(([name, field]) => {
        const around = (value: unknown) => wrap({ ...required(shape), [name]: value });
        return [
          { path: `${path}.${name}`, shape: field, wrap: around },
          ...attributes(field, `${path}.${name}`, around),
        ];
      });
    default:
      return [];
  }
}

function required(shape: ObjectShape): object {
  return Object.fromEntries(shape.required.map((name) => [name, shape.fields[name]!.example]));
}

const ALL = attributes(stack, '', (value) => value);

test('every attribute has a description and an example, which both take', () => {
  expect(ALL.length).toBeGreaterThan(350);
  expect(ALL.filter(({ shape }) => shape.about === undefined || shape.example === undefined)).toEqual([]);
  expect(ALL.filter(({ shape, wrap }) => !byLoader(wrap(shape.example))).map(({ path }) => path)).toEqual([]);
  expect(ALL.filter(({ shape, wrap }) => !bySchema(wrap(shape.example))).map(({ path }) => path)).toEqual([]);
});

const VALUES = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  70_000,
  '',
  'x',
  'yes',
  'true',
  '5',
  '5s',
  '1h30m',
  '64m',
  '-1',
  '0755',
].concat([
  'all',
  'bind',
  'host',
  '1.5',
  'a b',
  'on',
  [],
  {},
  [1],
  ['x'],
  ['a=b'],
  [{}],
  { a: 1 },
  { a: null },
  { 'x-a': 1 },
] as never);

test('both take and refuse the same values for every attribute', () => {
  const different = ALL.flatMap(({ path, wrap }) =>
    VALUES.filter((value) => byLoader(wrap(value)) !== bySchema(wrap(value))).map(
      (value) => `${path}: ${JSON.stringify(value)} loader ${byLoader(wrap(value))}`,
    ),
  );

  expect(different).toEqual([]);
});

test('both say the same of any document', () => {
  const anything = fc.anything({ values: [fc.constantFrom(...VALUES)], maxDepth: 2, maxKeys: 2 });
  const attribute = fc.constantFrom(...ALL);

  fc.assert(
    fc.property(attribute, anything, ({ wrap }, value) => {
      const document = JSON.parse(JSON.stringify(wrap(value ?? null))) as unknown;

      expect(byLoader(document)).toBe(bySchema(document));
    }),
    { numRuns: 1500 },
  );
});
