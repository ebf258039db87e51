import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { service } from '../../../src/stackfile/service-shape.ts';
import type { Shape } from '../../../src/stackfile/shape.ts';

const doc = readFileSync(new URL('../../../docs/stack-file.md', import.meta.url), 'utf8');
const ofServices = doc.slice(doc.indexOf('### Of a service'), doc.indexOf('### Of a network'));
const [supported = '', refused = ''] = ofServices.split('\nRefused, ');

function attributes(wanted: (shape: Shape) => boolean): string[] {
  const fields = service.kind === 'object' ? Object.entries(service.fields) : [];
  return fields.filter(([, shape]) => wanted(shape)).map(([name]) => name);
}

test('docs/stack-file.md names every attribute of a service that is supported', () => {
  const missing = attributes((shape) => shape.kind !== 'unsupported').filter(
    (name) => !supported.includes(`\`${name}\``),
  );

  expect(missing).toEqual([]);
});

test('docs/stack-file.md names exactly the attributes of a service that are refused', () => {
  const named = [...refused.matchAll(/`(\w+)`(?=[,.] ?|,\n| \()/g)].map(([, name]) => name);

  expect(named.sort()).toEqual(attributes((shape) => shape.kind === 'unsupported').sort());
});
