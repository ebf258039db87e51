/**
 * Shapes of stack files: the one source for checking them (validate.ts) and for schema.json (json-schema.ts).
 *
 * They follow the Compose Specification whole. What berth can not do is none
 * of their business (refuse-attributes.ts).
 */

/** What a person may want to know of an attribute; shown by editors. */
export type Said = {
  readonly about?: string;
  readonly example?: unknown;
  readonly byDefault?: unknown;
  readonly form?: Canonical;
};

/**
 * What a value becomes in canonical form (canonical-values.ts): a size in bytes, a duration as Go prints it, text, a
 * list of one, a check for a shell, a mapping (keys without a value stay so, or become empty), the words of a command, hosts, an octal mode.
 */
export type Canonical =
  | 'bytes'
  | 'duration'
  | 'text'
  | 'list'
  | 'mapping'
  | 'filled mapping'
  | 'command'
  | 'hosts'
  | 'mode'
  | 'microseconds'
  | 'test';

export type TextShape = {
  readonly kind: 'text';
  readonly words?: readonly string[];
  readonly pattern?: RegExp;
  /** The pattern in words. */
  readonly inWords?: string;
  /** What a bare number probably lacks. */
  readonly unit?: string;
  readonly hint?: string;
  /** A bare number will do. */
  readonly numbers?: boolean;
};

export type Shape = Said &
  (
    | TextShape
    /** `texts`: may be written as text, since variables are text. */
    | {
        readonly kind: 'number';
        readonly least?: number;
        readonly most?: number;
        readonly whole?: boolean;
        readonly texts: boolean;
      }
    | { readonly kind: 'boolean'; readonly texts: boolean }
    | { readonly kind: 'list'; readonly of: Shape }
    | { readonly kind: 'map'; readonly of: Shape; readonly keys?: RegExp }
    | {
        readonly kind: 'object';
        readonly fields: Readonly<Record<string, Shape>>;
        readonly required: readonly string[];
        /** Takes no attributes of the person's own (x-). */
        readonly closed?: boolean;
      }
    /** One of several, told apart by being a single value, a list or a map. */
    | { readonly kind: 'either'; readonly shapes: readonly Shape[] }
    | { readonly kind: 'nothing' }
    | { readonly kind: 'anything' }
  );

export type ObjectShape = Extract<Shape, { kind: 'object' }>;
type ObjectFields = Readonly<Record<string, Shape>>;

/** An attribute: what it is, an example of its value, its shape, and what it is when it is not there. */
export function attr(about: string, example: unknown, shape: Shape, byDefault?: unknown): Shape {
  return { ...shape, about, example, ...(byDefault === undefined ? {} : { byDefault }) };
}

export const text: Shape = { kind: 'text' };
export const textOrNumber: Shape = { kind: 'text', numbers: true };
export const words = (...of: readonly string[]): Shape => ({ kind: 'text', words: of });
/** Text of a form that people can be told: `10s`, `64m`. */
export const formed = (inWords: string, pattern: RegExp, more: Partial<TextShape & Said> = {}): Shape => ({
  kind: 'text',
  inWords,
  pattern,
  ...more,
});
export const number = (least?: number, most?: number): Shape => ({ kind: 'number', least, most, texts: true });
export const count = (least?: number, most?: number): Shape => ({ ...number(least, most), whole: true }) as Shape;
export const boolean: Shape = { kind: 'boolean', texts: true };
/** Not taken as text, unless a variable gave it. */
export const plainBoolean: Shape = { kind: 'boolean', texts: false };
export const anything: Shape = { kind: 'anything' };
export const list = (of: Shape): Shape => ({ kind: 'list', of });
export const map = (of: Shape): Shape => ({ kind: 'map', of });
export const either = (...shapes: readonly Shape[]): Shape => ({ kind: 'either', shapes });
export const object = (fields: ObjectFields, required: readonly string[] = []): ObjectShape => ({
  kind: 'object',
  fields,
  required,
});
export const closed = (fields: ObjectFields, required: readonly string[] = []): ObjectShape => ({
  ...object(fields, required),
  closed: true,
});
export const orNothing = (shape: Shape): Shape => ({ kind: 'either', shapes: [shape, { kind: 'nothing' }] });

/** A single value of any simple type, as environment values may be. */
export const simple: Shape = either(textOrNumber, { kind: 'boolean', texts: false }, { kind: 'nothing' });

const DURATION = /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h|d|w))+)$/;
export const duration: Shape = formed('a duration like 10s or 1m30s', DURATION, {
  unit: 's',
  form: 'duration',
});

const BYTES = /^\d+(\.\d+)?\s?([bkmgtp]|[kmgtp]i?b)?$/i;
/** Text only. */
export const bytesText: Shape = formed('a size like 64m or 1g', BYTES, { form: 'bytes' });
export const bytes: Shape = {
  ...either(
    { kind: 'number', whole: true, texts: false },
    formed('a size like 64m or 1g', /^-1$|^\d+(\.\d+)?\s?([bkmgtp]|[kmgtp]i?b)?$/i),
  ),
  form: 'bytes',
};

/** Names of services, networks and volumes. Compose Specification, 05-services. */
export const named = (of: Shape): Shape => ({ kind: 'map', of, keys: /^[a-zA-Z0-9._-]+$/ });
export const mapping: Shape = { ...either(map(simple), list(text)), form: 'filled mapping' };
/** A key without a value means something. */
export const openMapping: Shape = { ...mapping, form: 'mapping' };
export const textOrList: Shape = { ...either(text, list(text)), form: 'list' };
export const command: Shape = { ...either(text, list(text), { kind: 'nothing' }), form: 'command' };
/** Text that may be a bare number, and is text in the end. */
export const numberAsText: Shape = { kind: 'text', numbers: true, form: 'text' };
/** Digits that are octal when they are text. */
export const fileMode: Shape = {
  kind: 'text',
  numbers: true,
  form: 'mode',
  inWords: 'an octal mode like "0440"',
  pattern: /^(0[oO]?)?[0-9]{1,6}$/,
};
/** Switches that builders give values of their own: `true`, `mode=max`. */
export const textOrBoolean: Shape = { ...either(text, plainBoolean), form: 'text' };
