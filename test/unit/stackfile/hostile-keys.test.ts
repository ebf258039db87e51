/**
 * Names that objects of JavaScript have from birth, as keys of every mapping that a stack file can have.
 *
 * The mappings are those of the table of shapes, so that a new attribute is in it too.
 */
import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { loadConfig } from '../../../src/stackfile/load-config.ts';
import { plainTree } from '../../../src/stackfile/model-lists.ts';
import { printYaml } from '../../../src/stackfile/print-yaml.ts';
import type { Shape } from '../../../src/stackfile/shape.ts';
import { stack } from '../../../src/stackfile/stack-shape.ts';
import { folderOf } from './stack-files.ts';

type Step = string | 0;
type Mapping = { readonly path: readonly Step[]; readonly free: boolean };

/** Each object and each map below `shape`; `free` takes names of its own. */
function mappingsOf(shape: Shape, path: readonly Step[] = []): Mapping[] {
  switch (shape.kind) {
    case 'object': {
      const inner = Object.entries(shape.fields).flatMap(([key, field]) => mappingsOf(field, [...path, key]));
      return [{ path, free: false }, ...inner];
    }
    case 'map':
      return [{ path, free: true }, ...mappingsOf(shape.of, [...path, 'a'])];
    case 'list':
      return mappingsOf(shape.of, [...path, 0]);
    case 'either':
      return shape.shapes.flatMap((inner) => mappingsOf(inner, path));
    default:
      return [];
  }
}

function documentOf(path: readonly Step[], key: string): unknown {
  const leaf = Object.create(null) as Record<string, unknown>;
  leaf[key] = 'polluted';
  return path.reduceRight<unknown>((inner, step) => (step === 0 ? [inner] : { [step]: inner }), leaf);
}

function told(text: string): string {
  const cwd = folderOf({ 'stack.yaml': text });
  const request = { cwd, env: {}, files: [], profiles: [], envFiles: [] };
  try {
    return printYaml(plainTree(loadConfig(request).model.tree));
  } catch (error) {
    if (error instanceof BerthError && error.diagnostics)
      return error.diagnostics.map(({ message, at }) => `${at ? '' : 'nowhere '}${message}`).join('\n');
    throw error;
  }
}

const MAPPINGS = mappingsOf(stack);
const NAMES = ['__proto__', 'constructor', 'toString'];

test.each(NAMES)('%s as a key of every mapping is a name like any other, or told', (name) => {
  const wrong = MAPPINGS.filter(({ path, free }) => {
    const answer = told(printYaml(documentOf(path, name)));
    return !answer.includes(name) && !(free && answer !== '') ? true : answer.includes('nowhere');
  });

  expect(MAPPINGS.length).toBeGreaterThan(100);
  expect(wrong.map(({ path }) => path.join('.'))).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.prototype.toString.call({})).toBe('[object Object]');
});
