/**
 * Forwarding of version 6: like ip_forward, with one trap more.
 *
 * A machine that forwards takes no router's advertisements any more unless an
 * interface says so (accept_ra 2; ip-sysctl.rst of the kernel), and forgets
 * its own way out. Interfaces that listened before are told to go on. What was
 * there is remembered in the run folder and put back.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listInterfaces } from './bridges.ts';

const CONF = '/proc/sys/net/ipv6/conf';
const FORWARDING = join(CONF, 'all/forwarding');

export type Forwarding6 = {
  /** Switches it on where it is off, and is true then; nothing on a machine without version 6. */
  allow(): boolean;
  /** Puts back what was; does nothing when it was on before us. */
  restore(): void;
};

export function hostForwarding6(runDir: string): Forwarding6 {
  const memory = join(runDir, 'ip6-forward');
  return {
    allow() {
      if (!existsSync(FORWARDING) || readFileSync(FORWARDING, 'utf8').trim() !== '0') return false;
      const listening = listeningInterfaces();
      /* On disk before the change: an engine that is killed in between leaves nothing behind. */
      writeFileSync(memory, [...new Set([...listenedBefore(memory), ...listening])].join('\n'));
      for (const name of listening) write(join(CONF, name, 'accept_ra'), '2');
      write(FORWARDING, '1');
      return true;
    },
    restore() {
      if (!existsSync(memory)) return;
      const listened = listenedBefore(memory);
      /* A Docker that came after us counts on it. */
      if (!listInterfaces('docker').includes('docker0')) {
        write(FORWARDING, '0');
        for (const name of listened) write(join(CONF, name, 'accept_ra'), '1');
      }
      rmSync(memory);
    },
  };
}

/** When somebody has switched it off since, these have accept_ra 2 already and are not found again. */
function listenedBefore(memory: string): string[] {
  return existsSync(memory) ? readFileSync(memory, 'utf8').split('\n').filter(Boolean) : [];
}

function listeningInterfaces(): string[] {
  return readdirSync(CONF).filter((name) => {
    if (name === 'all' || name === 'default' || name === 'lo') return false;
    try {
      return readFileSync(join(CONF, name, 'accept_ra'), 'utf8').trim() === '1';
    } catch {
      return false;
    }
  });
}

/** An interface may have gone meanwhile. */
function write(path: string, value: string): void {
  try {
    writeFileSync(path, value);
  } catch {}
}
