/**
 * A line of a log as a message of syslog. RFC 5424; on a stream with its length before it (RFC 6587, 3.4.1).
 */
import { hostname } from 'node:os';
import type { LogText } from '../../../logs/join-parts.ts';

/** Facility daemon (3); severity info, of stderr error. */
const PRIORITY = { stdout: 3 * 8 + 6, stderr: 3 * 8 + 3 } as const;

export type SyslogSender = { readonly appName: string; readonly processId: string };

export function syslogMessage(line: LogText, { appName, processId }: SyslogSender): Buffer {
  /* The time has six digits behind the second at most. */
  const time = `${line.time.slice(0, 26)}Z`;
  const name = nameOf(hostname(), 255);
  const head = `<${PRIORITY[line.stream]}>1 ${time} ${name} ${nameOf(appName, 48)} ${nameOf(processId, 128)} - - `;
  return Buffer.concat([Buffer.from(head), line.text]);
}

export function withLength(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** Printable ASCII without blanks. */
function nameOf(text: string, length: number): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, length) || '-';
}
