/**
 * Shapes -> JSON Schema (draft 2020-12), for editors: description, default and example of every attribute.
 */
import type { ObjectShape, Said, Shape, TextShape } from './shape.ts';

type Schema = { readonly [key: string]: unknown };

export function jsonSchemaOf(shape: Shape): Schema {
  return { ...saidOf(shape), ...bodyOf(shape) };
}

function saidOf({ about, byDefault, example }: Said): Schema {
  return {
    ...(about === undefined ? {} : { description: about }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    ...(example === undefined ? {} : { examples: [example] }),
  };
}

function bodyOf(shape: Shape): Schema {
  switch (shape.kind) {
    case 'text':
      return textSchema(shape);
    case 'number':
      return numberSchema(shape);
    case 'boolean':
      return shape.texts
        ? { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: BOOLEAN_WORDS }] }
        : { type: 'boolean' };
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
    case 'anything':
      return {};
  }
}

/** What YAML 1.1 took for true and false, in any case. */
export const BOOLEAN_WORDS =
  '^([yY]|[yY][eE][sS]|[oO][nN]|[tT][rR][uU][eE]|[nN]|[nN][oO]|[oO][fF][fF]|[fF][aA][lL][sS][eE])$';

function textSchema({ words, pattern, numbers }: TextShape): Schema {
  if (words) return { enum: words };
  const form = pattern ? { pattern: schemaPattern(pattern) } : {};
  if (numbers && pattern)
    return {
      anyOf: [
        { type: 'string', ...form },
        { type: 'integer', minimum: 0 },
      ],
    };
  return { type: numbers ? ['string', 'number'] : 'string', ...form };
}

/** JSON Schema knows no flags: letters of both cases are written out. */
function schemaPattern({ source, flags }: RegExp): string {
  if (!flags.includes('i')) return source;
  return source
    .replace(/\[([a-z]+)\]/g, (_, letters: string) => `[${letters}${letters.toUpperCase()}]`)
    .replace(/(?<![\\[\w])([a-z])(?![\w\]])/g, (_, letter: string) => `[${letter}${letter.toUpperCase()}]`);
}

function numberSchema({ whole, least, most, texts }: Extract<Shape, { kind: 'number' }>): Schema {
  const bare = {
    type: whole ? 'integer' : 'number',
    ...(least === undefined ? {} : { minimum: least }),
    ...(most === undefined ? {} : { maximum: most }),
  };
  const sign = least !== undefined && least >= 0 ? '' : '-?';
  return texts ? { anyOf: [bare, { type: 'string', pattern: `^${sign}${whole ? WHOLE : NUMBER}` }] } : bare;
}

const WHOLE = '\\d+(\\.0*)?$';
const NUMBER = '(\\d+(\\.\\d*)?|\\.\\d+)$';

function objectSchema({ fields, required, closed }: ObjectShape): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, jsonSchemaOf(field)])),
    ...(closed ? {} : { patternProperties: { '^x-': {} } }),
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
}
