/**
 * Shapes of stack files: the one source for checking them (validate.ts) and for schema.json (json-schema.ts).
 */

export type Shape = { readonly about?: string } & (
  | {
      readonly kind: 'text';
      readonly words?: readonly string[];
      readonly pattern?: RegExp;
      /** The pattern in words. */
      readonly form?: string;
      /** What a bare number probably lacks. */
      readonly unit?: string;
      readonly hint?: string;
    }
  /** Numbers and booleans may be written as text, since variables are text. */
  | { readonly kind: 'number'; readonly least?: number; readonly most?: number; readonly whole?: boolean }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape; readonly keys?: RegExp }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Shape>>; readonly required: readonly string[] }
  /** One of several, told apart by being a single value, a list or a map. */
  | { readonly kind: 'either'; readonly shapes: readonly Shape[] }
  | { readonly kind: 'nothing' }
  /** Known to the Compose Specification, not to berth: an error that says so. */
  | { readonly kind: 'unsupported'; readonly hint: string }
);

type ObjectFields = Readonly<Record<string, Shape>>;

export const text = (about?: string): Shape => ({ kind: 'text', about });
export const word = (words: readonly string[], about?: string, hint?: string): Shape => ({
  kind: 'text',
  words,
  about,
  hint,
});
/** Text of a form that people can be told: `10s`, `64m`. */
export const formed = (form: string, pattern: RegExp, about?: string, hint?: string): Shape => ({
  kind: 'text',
  form,
  pattern,
  about,
  hint,
});
export const number = (about?: string, least?: number, most?: number): Shape => ({
  kind: 'number',
  about,
  least,
  most,
});
export const count = (about?: string, least = 0): Shape => ({ kind: 'number', whole: true, least, about });
export const boolean = (about?: string): Shape => ({ kind: 'boolean', about });
export const list = (of: Shape, about?: string): Shape => ({ kind: 'list', of, about });
export const map = (of: Shape, about?: string): Shape => ({ kind: 'map', of, about });
export const either = (shapes: readonly Shape[], about?: string): Shape => ({ kind: 'either', shapes, about });
export const object = (fields: ObjectFields, required: readonly string[] = [], about?: string): Shape => ({
  kind: 'object',
  fields,
  required,
  about,
});
export const orNothing = (shape: Shape): Shape => ({
  kind: 'either',
  shapes: [shape, { kind: 'nothing' }],
  about: shape.about,
});
export const unsupported = (hint: string): Shape => ({ kind: 'unsupported', hint });

/** A single value of any simple type, as environment values may be. */
export const simple: Shape = {
  kind: 'either',
  shapes: [{ kind: 'text' }, { kind: 'number' }, { kind: 'boolean' }, { kind: 'nothing' }],
};

const DURATION = /^(0|((\d+(\.\d*)?|\.\d+)(ns|us|ms|s|m|h|d))+)$/;

export const duration = (about?: string): Shape => ({
  kind: 'text',
  form: 'a duration like 10s or 1m30s',
  pattern: DURATION,
  unit: 's',
  about,
});
export const bytes = (about?: string, least = 0): Shape =>
  either(
    [
      { kind: 'number', least, whole: true },
      formed('a size like 64m or 1g', /^\d+(\.\d+)?\s*([bkmgtp]|[kmgtp]i?b)?$/i),
    ],
    about,
  );
/** Digits that are octal, however YAML reads them. */
export const fileMode = (about?: string): Shape => ({
  kind: 'text',
  form: 'an octal mode like 1777',
  pattern: /^[0-7]{1,5}$/,
  about,
});
/** Names of services, networks and volumes. Compose Specification, 05-services. */
export const named = (of: Shape, about?: string): Shape => ({ kind: 'map', of, about, keys: /^[a-zA-Z0-9._-]+$/ });

export const mapping = (about: string): Shape => either([map(simple), list(text('KEY=VALUE'))], about);
export const textOrList = (about: string): Shape => either([text(), list(text())], about);
