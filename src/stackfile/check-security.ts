/**
 * Words of a service that the kernel must know: capabilities, signals, limits, security options.
 */
import { nearest } from '../base/nearest.ts';
import { type Conversion, itemsOf, type Raw, rawOf, textOr } from './conversion.ts';
import { CAPABILITIES, isSignal, LIMITS, signalNames } from './kernel-names.ts';

export function checkSecurity({ report }: Conversion, service: Raw, path: string): void {
  for (const key of ['cap_add', 'cap_drop'] as const) {
    for (const [index, item] of itemsOf(service[key])) {
      const name = String(item).toUpperCase().replace(/^CAP_/, '');
      if (CAPABILITIES.includes(name)) continue;
      const hint = meant(name, CAPABILITIES) ?? 'capabilities(7) lists them, e.g. NET_ADMIN or SYS_PTRACE';
      report.error(`${path}.${key}[${index}]`, `"${String(item)}" is no capability`, hint);
    }
  }
  const signal = textOr(service.stop_signal, 'SIGTERM');
  if (!isSignal(signal)) {
    const hint = meant(signal, signalNames()) ?? 'use a name like SIGTERM or SIGINT, or a number from 1 to 64';
    report.error(`${path}.stop_signal`, `"${signal}" is no signal`, hint);
  }
  for (const [index, item] of itemsOf(service.security_opt))
    checkOption(report, String(item), `${path}.security_opt[${index}]`);
  for (const [name, value] of Object.entries(rawOf(service.ulimits)))
    checkLimit(report, { name, value }, `${path}.ulimits`);
}

/** Those of Docker that berth has; AppArmor and SELinux are not used, so that switching them off is fine. */
const OPTIONS =
  /^(no-new-privileges([=:](true|false))?|(seccomp|systempaths|apparmor)[=:]unconfined|label[=:]disable)$/;

function checkOption(report: Conversion['report'], option: string, place: string): void {
  if (OPTIONS.test(option)) return;
  const hint = 'berth knows no-new-privileges:true|false, seccomp=unconfined and systempaths=unconfined';
  report.error(place, `the security option "${option}" is not supported by berth`, hint);
}

type Limit = { readonly name: string; readonly value: unknown };

function checkLimit(report: Conversion['report'], { name, value }: Limit, path: string): void {
  if (!LIMITS.includes(name)) {
    const hint = meant(name, LIMITS) ?? `the limits are ${LIMITS.join(', ')}`;
    report.errorAtKey(`${path}.${name}`, `"${name}" is no limit`, hint);
  }
  if (typeof value !== 'object' || value === null) return;
  const [soft, hard] = [Number(rawOf(value).soft), Number(rawOf(value).hard)];
  const above = hard !== -1 && (soft === -1 || soft > hard);
  if (above) report.error(`${path}.${name}.soft`, `the soft limit ${soft} is above the hard limit ${hard}`);
}

function meant(word: string, words: readonly string[]): string | undefined {
  const near = nearest(word, words);
  return near && `did you mean ${near}?`;
}
