/**
 * Shapes -> JSON Schema (draft 2020-12), for editors. What berth does not support is marked as not allowed.
 */
import type { Shape } from './shape.ts';

type Schema = { readonly [key: string]: unknown };

export function jsonSchemaOf(shape: Shape): Schema {
  return { ...(shape.about ? { description: shape.about } : {}), ...bodyOf(shape) };
}

function bodyOf(shape: Shape): Schema {
  switch (shape.kind) {
    case 'text':
      return shape.words
        ? { enum: shape.words }
        : { type: ['string', 'number'], ...(shape.pattern ? { pattern: shape.pattern.source } : {}) };
    case 'number':
      return {
        type: [shape.whole ? 'integer' : 'number', 'string'],
        ...(shape.least === undefined ? {} : { minimum: shape.least }),
        ...(shape.most === undefined ? {} : { maximum: shape.most }),
      };
    case 'boolean':
      return { type: ['boolean', 'string'] };
    case 'list':
      return { type: 'array', items: jsonSchemaOf(shape.of) };
    case 'map':
      return shape.keys
        ? {
            type: 'object',
            patternProperties: { [shape.keys.source]: jsonSchemaOf(shape.of) },
            additionalProperties: false,
          }
        : { type: 'object', additionalProperties: jsonSchemaOf(shape.of) };
    case 'object':
      return objectSchema(shape);
    case 'either':
      return { anyOf: shape.shapes.map(jsonSchemaOf) };
    case 'nothing':
      return { type: 'null' };
    case 'unsupported':
      return { not: {}, description: `not supported by berth: ${shape.hint}` };
  }
}

function objectSchema({ fields, required }: Extract<Shape, { kind: 'object' }>): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, jsonSchemaOf(field)])),
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
}
