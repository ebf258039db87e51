import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stackSchemaText } from '../../../src/stackfile/stack-schema.ts';

test('schema.json is what the shapes say (node scripts/schema.mjs writes it)', () => {
  const text = readFileSync(new URL('../../../schema.json', import.meta.url), 'utf8');

  expect(text).toBe(stackSchemaText());
});
