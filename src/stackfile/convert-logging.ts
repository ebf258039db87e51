/**
 * `logging` of a service: how its containers' logs are written.
 *
 * Drivers that are none of berth's are refused elsewhere, by name
 * (refuse-attributes.ts); options are checked here as Docker checks them.
 */
import { parseBytes } from '../base/bytes.ts';
import { nearest } from '../base/nearest.ts';
import { DEFAULT_LOGGING, LOCAL_LOGGING, type Logging } from '../model/service-logs.ts';
import { type Conversion, mappingOf, type Raw, rawOf, textOr } from './conversion.ts';
import type { Report } from './findings.ts';

/** Executor's limit, and more than anybody lists. */
const MOST_FILES = 1000;
const MOST_BUFFER_BYTES = 1024 ** 3;

const OPTIONS = [
  'max-size',
  'max-file',
  'compress',
  'mode',
  'max-buffer-size',
  'labels',
  'labels-regex',
  'env',
  'env-regex',
  'tag',
];

const NAMED = '`berth logs --json` names stack, service and container';

/** Have a meaning for readers that berth has not. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  labels: NAMED,
  'labels-regex': NAMED,
  env: NAMED,
  'env-regex': NAMED,
  tag: NAMED,
};

export function convertLogging({ report }: Conversion, service: Raw, path: string): { logging?: Logging } {
  const raw = rawOf(service.logging);
  const driver = textOr(raw.driver, '') || 'json-file';
  if (driver !== 'json-file' && driver !== 'local' && driver !== 'none') return {};
  const place = `${path}.logging.options`;
  const options = Object.fromEntries(mappingOf(raw.options).filter(([, value]) => value !== null));
  for (const name of Object.keys(options)) checkName(report, { driver, name, path: `${place}.${name}` });
  if (driver === 'none') return { logging: { ...DEFAULT_LOGGING, driver } };
  const logging = settingsOf(report, { options: options as Options, driver, place });
  return isDefault(logging) ? {} : { logging };
}

type Options = Readonly<Record<string, string>>;
type Named = { readonly driver: string; readonly name: string; readonly path: string };

function checkName(report: Report, { driver, name, path }: Named): void {
  const instead = WITHOUT_EFFECT[name];
  if (driver === 'none') {
    report.error(path, `logging driver none has no option ${name}`, 'remove it');
  } else if (!OPTIONS.includes(name)) {
    const meant = nearest(name, OPTIONS);
    const hint = meant ? `did you mean ${meant}?` : `its options are ${OPTIONS.join(', ')}`;
    report.error(path, `logging driver ${driver} has no option ${name}`, hint);
  } else if (instead) {
    report.warning(path, `${name} has no effect in berth`, instead);
  }
}

type Settings = { readonly options: Options; readonly driver: 'json-file' | 'local'; readonly place: string };

function settingsOf(report: Report, { options, driver, place }: Settings): Logging {
  const base = driver === 'local' ? LOCAL_LOGGING : DEFAULT_LOGGING;
  const { 'max-size': size, 'max-file': files, 'max-buffer-size': buffer, mode, compress } = options;
  if (compress !== undefined && !/^(true|false|1|0|t|f)$/i.test(compress))
    report.error(`${place}.compress`, `"${compress}" is neither true nor false`);
  else if (compress !== undefined && /^(true|1|t)$/i.test(compress))
    report.warning(
      `${place}.compress`,
      'compress: rotated files are kept as they are',
      'bound them with max-size and max-file',
    );
  if (mode !== undefined && mode !== 'blocking' && mode !== 'non-blocking')
    report.error(`${place}.mode`, `"${mode}" is no mode of a log`, 'use blocking or non-blocking');
  if (buffer !== undefined && mode !== 'non-blocking')
    report.error(
      `${place}.max-buffer-size`,
      'max-buffer-size goes with mode: non-blocking',
      'add `mode: non-blocking`',
    );
  return {
    driver,
    maxBytes: size === '-1' ? 0 : sizeOf(report, { text: size, otherwise: base.maxBytes, path: `${place}.max-size` }),
    maxFiles: filesOf(report, { text: files, otherwise: base.maxFiles, path: `${place}.max-file` }),
    bufferBytes: Math.min(
      MOST_BUFFER_BYTES,
      sizeOf(report, { text: buffer, otherwise: base.bufferBytes, path: `${place}.max-buffer-size` }),
    ),
  };
}

type Value = { readonly text: string | undefined; readonly otherwise: number; readonly path: string };

function sizeOf(report: Report, { text, otherwise, path }: Value): number {
  if (text === undefined) return otherwise;
  const bytes = parseBytes(text);
  if (bytes === undefined || bytes === 0) report.error(path, `"${text}" is no size of a log`, 'write 10m, or 1g');
  return bytes || otherwise;
}

function filesOf(report: Report, { text, otherwise, path }: Value): number {
  if (text === undefined) return otherwise;
  const files = Number(text);
  if (/^\d+$/.test(text) && files >= 1 && files <= MOST_FILES) return files;
  report.error(path, `"${text}" is no number of files`, `write a number from 1 to ${MOST_FILES}`);
  return otherwise;
}

/** Then nothing is said, and a container is not made anew for it. */
function isDefault(logging: Logging): boolean {
  return JSON.stringify(logging) === JSON.stringify(DEFAULT_LOGGING);
}
