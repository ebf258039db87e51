/** The text of schema.json. */
import { jsonSchemaOf } from './json-schema.ts';
import { stack } from './stack-shape.ts';

export function stackSchemaText(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'berth stack file',
    ...jsonSchemaOf(stack),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
