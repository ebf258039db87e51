/**
 * `x-berth.logs.forward`: where what containers write is sent too.
 */
import type { LogForward } from '../model/service-logs.ts';
import { type Conversion, type Raw, rawOf, textList } from './conversion.ts';

/** Of syslog, on TCP and UDP. */
const DEFAULT_PORT = 514;
const HINT = 'write tcp://HOST:PORT, udp://HOST:PORT, unix:///PATH, {command: [...]} or none';

/** undefined: nowhere. */
export function convertForward(
  { report, projectDir }: Conversion,
  value: unknown,
  path: string,
): LogForward | undefined {
  if (value === undefined || value === null || value === 'none') return undefined;
  if (typeof value === 'object') {
    const command = textList((rawOf(value) as Raw).command);
    if (command.length === 0) report.error(`${path}.command`, 'a command has at least one word', HINT);
    return { kind: 'command', command, folder: projectDir };
  }
  const to = targetOf(String(value));
  if (to) return { kind: 'syslog', to };
  report.error(path, `"${String(value)}" is nothing that logs can be sent to`, HINT);
  return undefined;
}

function targetOf(text: string): Extract<LogForward, { kind: 'syslog' }>['to'] | undefined {
  const path = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { protocol: 'unix', path };
  const [, protocol, host, port] = /^(tcp|udp):\/\/([\w.-]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { protocol: protocol as 'tcp' | 'udp', host, port: number };
}
