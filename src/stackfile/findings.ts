/**
 * Collects what is wrong in stack files, so that all of it is told in one run.
 */
import { BerthError, type Diagnostic } from '../base/errors.ts';
import { type Place, type Places, placesOf, type Tree } from './tree.ts';

export type Finding = { readonly message: string; readonly hint?: string };

export type Findings = {
  error(place: Place | undefined, finding: Finding & { readonly path?: string }): void;
  warning(place: Place | undefined, finding: Finding & { readonly path?: string }): void;
  /** Remembers a file's text: findings show its lines. */
  addSource(file: string, text: string): void;
  /** A place as a finding shows it. */
  lineAt(place: Place | undefined): Pick<Diagnostic, 'at' | 'sourceLine' | 'width'>;
  /** Both in the order of the files. */
  readonly warnings: readonly Diagnostic[];
  readonly errors: readonly Diagnostic[];
  /** Throws STACK_FILE_INVALID with everything found when there is an error. */
  throwErrors(): void;
};

/** More than anybody reads: then reading stops, so that a file of nothing but faults takes neither time nor memory. */
const MAX_FINDINGS = 500;
const MAX_LINE = 500;

export function collectFindings(): Findings {
  const found: Diagnostic[] = [];
  const told = new Set<string>();
  const sources = new Map<string, readonly string[]>();
  const ofKind = (severity: Diagnostic['severity']) => found.filter((d) => d.severity === severity).sort(byPlace);
  const lineAt = (place: Place | undefined) => ({
    at: place && { file: place.file, line: place.line, col: place.col },
    sourceLine: place && sources.get(place.file)?.[place.line - 1]?.slice(0, MAX_LINE),
    width: place?.width,
  });
  const add = (
    severity: Diagnostic['severity'],
    place: Place | undefined,
    { message, hint, path }: Finding & { path?: string },
  ) => {
    const key = `${place?.file}:${place?.line} ${message}`;
    if (told.has(key) || (severity === 'warning' && told.size >= MAX_FINDINGS)) return;
    told.add(key);
    const { at, sourceLine, width } = lineAt(place);
    found.push({ severity, message, at, path, sourceLine, width, hint });
    if (severity === 'error' && ofKind('error').length >= MAX_FINDINGS) throwErrors();
  };
  const throwErrors = () => {
    const errors = ofKind('error');
    const first = errors[0];
    if (!first) return;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw new BerthError('STACK_FILE_INVALID', `${first.message}${more}`, {
      at: first.at,
      hint: first.hint,
      diagnostics: errors,
    });
  };
  return {
    error: (place, finding) => add('error', place, finding),
    warning: (place, finding) => add('warning', place, finding),
    addSource: (file, text) => void sources.set(file, text.split(/\r?\n/)),
    lineAt,
    get warnings() {
      return ofKind('warning');
    },
    get errors() {
      return ofKind('error');
    },
    throwErrors,
  };
}

/** Errors are told as warnings: of what is only read, not run. */
export function asWarnings(findings: Findings): Findings {
  return Object.assign(Object.create(findings) as Findings, { error: findings.warning });
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const [x, y] = [a.at, b.at];
  if (!x || !y) return x ? -1 : y ? 1 : 0;
  return x.file.localeCompare(y.file) || x.line - y.line || x.col - y.col;
}

/** Reports at dotted paths of a merged file. */
export type Report = {
  /** At the value; at the nearest thing above when the value came from a default. */
  error(path: string, message: string, hint?: string): void;
  errorAtKey(path: string, message: string, hint?: string): void;
  warning(path: string, message: string, hint?: string): void;
};

export function reportAt(findings: Findings, tree: Tree): Report {
  /* Only faults need the table, and most files have none. */
  let places: Places | undefined;
  const near = (kind: keyof Places, path: string): Place | undefined => {
    places ??= placesOf(tree);
    const { values, keys } = places;
    const table = places[kind];
    for (let at = path; ; at = parentPath(at)) {
      const place = table.get(at) ?? keys.get(at) ?? values.get(at);
      if (place || at === '') return place;
    }
  };
  return {
    error: (path, message, hint) => findings.error(near('values', path), { message, hint, path }),
    errorAtKey: (path, message, hint) => findings.error(near('keys', path), { message, hint, path }),
    warning: (path, message, hint) => findings.warning(near('keys', path), { message, hint, path }),
  };
}

function parentPath(path: string): string {
  const cut = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
  return cut < 0 ? '' : path.slice(0, cut);
}
