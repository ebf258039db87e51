/**
 * Settings of the machine that containers' traffic needs: ip_forward, and a way through another Docker's firewall.
 *
 * What was there before is remembered in the run folder and put back when the
 * last network goes, also by an engine that did not change it itself.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../base/run-command.ts';
import { listInterfaces } from './bridges.ts';

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

export type Forwarding = {
  /** Switches forwarding on, and lets our bridges through while a Docker's chain is there. */
  allow(): Promise<void>;
  /** Puts back what was. */
  restore(): Promise<void>;
};

export function hostForwarding(runDir: string, bridgePrefix: string): Forwarding {
  const memory = join(runDir, 'ip-forward');
  const docker = join(runDir, 'docker-user');
  return {
    async allow() {
      if (readFileSync(IP_FORWARD, 'utf8').trim() === '0') {
        writeFileSync(memory, '0');
        writeFileSync(IP_FORWARD, '1');
      }
      if (listInterfaces('docker').includes('docker0') && (await changeDockerUser('-I', bridgePrefix)))
        writeFileSync(docker, '');
    },
    async restore() {
      if (existsSync(memory)) {
        writeFileSync(IP_FORWARD, readFileSync(memory, 'utf8'));
        rmSync(memory);
      }
      if (!existsSync(docker)) return;
      await changeDockerUser('-D', bridgePrefix);
      rmSync(docker);
    },
  };
}

/**
 * A running dockerd drops what it does not know; only rules in its own chain DOCKER-USER can undo that. Written by
 * iptables, since Docker's iptables could not read rules made by nft. false when there is no such chain.
 */
async function changeDockerUser(action: '-I' | '-D', bridgePrefix: string): Promise<boolean> {
  const rule = (direction: '-i' | '-o') => [
    direction,
    `${bridgePrefix}+`,
    '-m',
    'comment',
    '--comment',
    `berth ${bridgePrefix}`,
    '-j',
    'ACCEPT',
  ];
  let done = true;
  for (const direction of ['-i', '-o'] as const) {
    const there = (await iptables(['-C', 'DOCKER-USER', ...rule(direction)])) === 0;
    if (there === (action === '-I')) continue;
    done = (await iptables([action, 'DOCKER-USER', ...rule(direction)])) === 0 && done;
  }
  return done;
}

async function iptables(args: readonly string[]): Promise<number> {
  const { exitCode } = await runCommand('iptables', ['-w', ...args], { check: false });
  return exitCode;
}
