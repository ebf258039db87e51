/**
 * Settings of the machine that containers' traffic needs: forwarding.
 *
 * What was there before is remembered in the run folder and put back when the
 * last network goes, also by an engine that did not change it itself.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listInterfaces } from './bridges.ts';

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

export type Forwarding = {
  /** Switches forwarding on; true when it was off. One read when it is on. */
  allow(): boolean;
  /** Puts back what was. */
  restore(): void;
};

export function hostForwarding(runDir: string): Forwarding {
  const memory = join(runDir, 'ip-forward');
  return {
    allow() {
      if (readFileSync(IP_FORWARD, 'utf8').trim() !== '0') return false;
      if (!existsSync(memory)) writeFileSync(memory, '0');
      writeFileSync(IP_FORWARD, '1');
      return true;
    },
    restore() {
      if (!existsSync(memory)) return;
      /* A Docker that came after us counts on it. */
      if (!dockerIsThere()) writeFileSync(IP_FORWARD, readFileSync(memory, 'utf8'));
      rmSync(memory);
    },
  };
}

/** A read of /proc; asking iptables would cost a process each time. */
function dockerIsThere(): boolean {
  return listInterfaces('docker').includes('docker0');
}
