/**
 * `x-berth` of a service: readiness, and restarts of what is unhealthy.
 */
import type { Readiness, ReadyCheck } from '../model/stack.ts';
import { HTTP_FORM } from './berth-shape.ts';
import { type Conversion, durationOr, itemsOf, numberOr, type Raw, rawOf, textOr } from './conversion.ts';
import { ON_UNHEALTHY } from './convert-health.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

export function convertBerth(conversion: Conversion, service: Raw, path: string) {
  const raw = rawOf(service['x-berth']);
  return {
    ready: readiness(conversion, service, { raw: rawOf(raw.ready), path: `${path}.x-berth.ready` }),
    restartUnhealthy: raw.restart === ON_UNHEALTHY || service.restart === ON_UNHEALTHY,
  };
}

type Ready = { readonly raw: Raw; readonly path: string };

function readiness(conversion: Conversion, service: Raw, { raw, path }: Ready): Readiness | null {
  const checks: ReadyCheck[] = [
    ...oneOrMore(raw.listen).map((port): ReadyCheck => ({ kind: 'listen', port: Number(port) })),
    ...oneOrMore(raw.tcp).map((port): ReadyCheck => ({ kind: 'tcp', port: Number(port) })),
    ...oneOrMore(raw.http).map(httpCheck),
    ...oneOrMore(raw.log).map((pattern): ReadyCheck => ({ kind: 'log', pattern: String(pattern) })),
  ];
  for (const check of checks) checkOne(conversion, service, { check, path });
  if (checks.length === 0) return null;
  return { checks, timeoutMs: durationOr(raw.timeout, DEFAULT_TIMEOUT_MS) };
}

function oneOrMore(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? itemsOf(value).map(([, item]) => item) : [value];
}

function httpCheck(value: unknown): ReadyCheck {
  if (typeof value === 'object') {
    const raw = rawOf(value);
    return { kind: 'http', port: Number(raw.port), path: textOr(raw.path, '/'), status: numberOr(raw.status, null) };
  }
  const [, port = '80', path = '/'] = HTTP_FORM.exec(String(value)) ?? [];
  return { kind: 'http', port: Number(port), path, status: null };
}

type Check = { readonly check: ReadyCheck; readonly path: string };

function checkOne({ report }: Conversion, service: Raw, { check, path }: Check): void {
  if (check.kind === 'log') {
    if (!isPattern(check.pattern))
      report.error(`${path}.log`, `"${check.pattern}" is no regular expression`, 'put a \\ before ( ) [ ] { } * + ? .');
    return;
  }
  if (check.kind !== 'listen' && service.network_mode === 'none')
    report.error(
      `${path}.${check.kind}`,
      'a service with network_mode none can not be reached from outside',
      'use `listen`, which looks at its sockets',
    );
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
