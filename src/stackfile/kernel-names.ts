/**
 * Names that the kernel gives: capabilities, signals, limits. Only to tell slips where they are written.
 *
 * The meaning of each is the runtime's; here are the words alone.
 */
import { constants } from 'node:os';

/** capabilities(7), without CAP_. */
export const CAPABILITIES: readonly string[] = (
  'AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH ' +
  'FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN ' +
  'NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT ' +
  'SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM ALL'
).split(' ');

/** getrlimit(2), without RLIMIT_. */
export const LIMITS: readonly string[] =
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ');

const SIGNALS: readonly string[] = Object.keys(constants.signals);

/** A name with or without SIG, a number from 1 to 64, or a real-time signal like RTMIN+3. */
export function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 64;
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG');
  const realTime = /^SIGRT(MIN(\+(\d+))?|MAX(-(\d+))?)$/.exec(name);
  return realTime ? Number(realTime[3] ?? realTime[5] ?? 0) <= 30 : SIGNALS.includes(name);
}

export function signalNames(): readonly string[] {
  return SIGNALS;
}
