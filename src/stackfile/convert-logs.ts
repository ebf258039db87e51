/**
 * `logging` and `x-berth.logs` of a service, the latter over that of the whole file.
 */
import { DEFAULT_KEEP, type LogForward, type LogKeep } from '../model/service-logs.ts';
import { bytesOr, type Conversion, durationOr, numberOr, type Raw, rawOf } from './conversion.ts';
import { convertForward } from './convert-forward.ts';
import { convertLogging } from './convert-logging.ts';

export type LogsSource = { readonly top: Raw; readonly path: string };

export function convertLogs(conversion: Conversion, service: Raw, { top, path }: LogsSource) {
  const own = rawOf(rawOf(service['x-berth']).logs);
  const common = rawOf(rawOf(top['x-berth']).logs);
  return {
    ...convertLogging(conversion, service, path),
    ...forwardOf(conversion, { own, common, path: `${path}.x-berth.logs` }),
    ...keepOf(conversion, { own, common, path: `${path}.x-berth.logs` }),
  };
}

type Levels = { readonly own: Raw; readonly common: Raw; readonly path: string };

function forwardOf(conversion: Conversion, { own, common, path }: Levels): { logForward?: LogForward } {
  const place = own.forward == null ? 'x-berth.logs.forward' : `${path}.forward`;
  const logForward = convertForward(conversion, own.forward ?? common.forward, place);
  return logForward ? { logForward } : {};
}

/** Nothing when nothing is said. */
function keepOf({ report }: Conversion, { own, common, path }: Levels): { logKeep?: LogKeep } {
  if (own.keep == null && common.keep == null) return {};
  const raw: Raw = { ...rawOf(common.keep), ...rawOf(own.keep) };
  const logKeep = {
    count: numberOr(raw.count, DEFAULT_KEEP.count),
    bytes: bytesOr(raw.size, DEFAULT_KEEP.bytes),
    ageMs: durationOr(raw.age, DEFAULT_KEEP.ageMs),
  };
  const isOwn = rawOf(own.keep).age != null;
  if (String(raw.age).startsWith('-'))
    report.error(`${isOwn ? path : 'x-berth.logs'}.keep.age`, 'a log is not kept for less than no time');
  return { logKeep };
}
