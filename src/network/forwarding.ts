/**
 * Settings of the machine that containers' traffic needs: ip_forward, and a way through another Docker's firewall.
 *
 * What was there before is remembered in the run folder and put back when the
 * last network goes, also by an engine that did not change it itself.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listInterfaces } from './bridges.ts';
import { changeDockerUser } from './docker-user.ts';

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

export type AllowOptions = {
  /** Whether there is a network with a way out. */
  readonly routes: boolean;
  /** A bridge is new: what was tried in vain is tried again. */
  readonly isNew: boolean;
};

export type Forwarding = {
  /** Switches forwarding on, and lets our bridges through while a Docker is there. Two reads when all is well. */
  allow(options: AllowOptions): Promise<void>;
  /** Puts back what was. */
  restore(): Promise<void>;
};

export function hostForwarding(runDir: string, bridgePrefix: string): Forwarding {
  const memory = join(runDir, 'ip-forward');
  const opened = join(runDir, 'docker-user');
  let asked = false;

  /** Docker may come after us, or go and come back with a firewall that knows nothing of us. */
  const passDocker = async (isNew: boolean) => {
    const isThere = dockerIsThere();
    const isDue = isThere && (isNew || !asked);
    asked = isThere;
    if (isDue && (await changeDockerUser('-I', bridgePrefix))) writeFileSync(opened, '');
  };

  return {
    async allow({ routes, isNew }) {
      if (routes && readFileSync(IP_FORWARD, 'utf8').trim() === '0') {
        writeFileSync(memory, '0');
        writeFileSync(IP_FORWARD, '1');
      }
      await passDocker(isNew);
    },
    async restore() {
      asked = false;
      if (existsSync(memory)) {
        /* A Docker that came after us counts on it. */
        if (!dockerIsThere()) writeFileSync(IP_FORWARD, readFileSync(memory, 'utf8'));
        rmSync(memory);
      }
      if (!existsSync(opened)) return;
      await changeDockerUser('-D', bridgePrefix);
      rmSync(opened);
    },
  };
}

/** A read of /proc; asking iptables would cost a process each time. */
function dockerIsThere(): boolean {
  return listInterfaces('docker').includes('docker0');
}
