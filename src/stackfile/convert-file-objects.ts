/**
 * secrets and configs of a service -> the files it gets.
 *
 * The value of a secret never enters the stack, which is kept on disk: it goes
 * beside it (Conversion.secrets), and only a mark that changes with it stays.
 */
import { posix } from 'node:path';
import { secretMark } from '../base/secret-mark.ts';
import type { FileContent, FileMount } from '../model/stack.ts';
import { contentMark } from './content-mark.ts';
import { absolutePath, type Conversion, itemsOf, type Raw, rawOf, textOr } from './conversion.ts';

type FileSource = { readonly service: Raw; readonly top: Raw; readonly path: string };
type PlacedMount = { readonly mount: FileMount; readonly place: string };
type Kind = 'secrets' | 'configs';

const DEFAULT_MODE = 0o444;

/** In the order they are written; faults are told at the use. */
export function convertFileObjects(conversion: Conversion, { service, top, path }: FileSource): PlacedMount[] {
  return (['secrets', 'configs'] as const).flatMap((kind) =>
    itemsOf(service[kind]).flatMap(([index, item]) => {
      const use = rawOf(typeof item === 'object' ? item : { source: item });
      const place = `${path}.${kind}[${index}]`;
      const mount = fileOf(conversion, { kind, name: String(use.source), use, top }, place);
      return mount ? [{ mount, place }] : [];
    }),
  );
}

type FileUse = { readonly kind: Kind; readonly name: string; readonly use: Raw; readonly top: Raw };

function fileOf(conversion: Conversion, file: FileUse, place: string): FileMount | undefined {
  const { kind, name, use } = file;
  const content = contentOf(conversion, file);
  if (!content) return undefined;
  const ids = { uid: idOf(conversion, use.uid, `${place}.uid`), gid: idOf(conversion, use.gid, `${place}.gid`) };
  const plain = use.uid === undefined && use.gid === undefined && use.mode === undefined;
  return {
    kind: 'file',
    of: kind === 'secrets' ? 'secret' : 'config',
    name,
    content,
    target: placeInside(kind, name, textOr(use.target, null)),
    ...ids,
    mode: use.mode === undefined ? DEFAULT_MODE : modeOf(use.mode),
    /* A config is looked at while it is edited; a secret is never more than a copy in memory. */
    live: kind === 'configs' && content.kind === 'file' && plain,
    readOnly: true,
  };
}

/** YAML reads 0440 as the number 440: the digits are octal either way. */
function modeOf(value: unknown): number {
  return Number.parseInt(String(value).replace(/^0o/i, ''), 8) & 0o7777;
}

function idOf({ report }: Conversion, value: unknown, place: string): number {
  if (value === undefined || value === null) return 0;
  if (/^\d{1,10}$/.test(String(value)) && Number(value) < 2 ** 32 - 1) return Number(value);
  report.error(place, `"${String(value)}" is no number of a user or group`, 'give the number that it has in the image');
  return 0;
}

function contentOf(conversion: Conversion, { kind, name, top }: FileUse): FileContent | undefined {
  const declared = rawOf(top[kind])[name];
  /* Not declared, without a source, or external: all of which has been told. */
  if (declared === undefined || declared === null) return undefined;
  const { file, environment, content } = rawOf(declared);
  if (file !== undefined) return fileContent(absolutePath(conversion, String(file)));
  if (content !== undefined) return { kind: 'text', text: String(content) };
  if (environment === undefined) return undefined;
  return variableContent(conversion, { kind, name, variable: String(environment) });
}

function fileContent(path: string): FileContent {
  return { kind: 'file', path, mark: contentMark(path) };
}

type Variable = { readonly kind: Kind; readonly name: string; readonly variable: string };

function variableContent(conversion: Conversion, { kind, name, variable }: Variable): FileContent | undefined {
  const value = conversion.variables[variable];
  if (value === undefined) {
    const what = `the ${kind.slice(0, -1)} ${name} needs the variable ${variable}, which is not set`;
    conversion.report.error(`${kind}.${name}.environment`, what, `set it: ${variable}=... berth up`);
    return undefined;
  }
  if (kind === 'configs') return { kind: 'text', text: value };
  conversion.secrets.set(name, value);
  return { kind: 'secret-value', variable, mark: secretMark(name, value) };
}

/** Compose Specification, 05-services: secrets are below /run/secrets, configs below the root. */
function placeInside(kind: Kind, name: string, target: string | null): string {
  if (target?.startsWith('/')) return posix.normalize(target);
  return kind === 'secrets' ? `/run/secrets/${target ?? name}` : `/${target ?? name}`;
}
