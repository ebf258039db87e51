import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REFUSED_OF_SERVICES } from '../../../src/stackfile/refuse-attributes.ts';
import { service } from '../../../src/stackfile/service-shape.ts';
import type { ObjectShape } from '../../../src/stackfile/shape.ts';

const doc = readFileSync(new URL('../../../docs/stack-file.md', import.meta.url), 'utf8');
const ofServices = doc.slice(doc.indexOf('### Of a service'), doc.indexOf('### Of a network'));
const [supported = '', refused = ''] = ofServices.split('\nRefused, ');

const attributes = Object.keys((service as ObjectShape).fields);

test('docs/stack-file.md names every attribute of a service that is supported', () => {
  const missing = attributes.filter(
    (name) => !REFUSED_OF_SERVICES.includes(name) && !supported.includes(`\`${name}\``),
  );

  expect(missing).toEqual([]);
});

test('docs/stack-file.md names exactly the attributes of a service that are refused', () => {
  const named = [...refused.matchAll(/`(\w+)`(?=[,.] ?|,\n| \()/g)].map(([, name]) => name);

  expect(named.sort()).toEqual([...REFUSED_OF_SERVICES].sort());
});
