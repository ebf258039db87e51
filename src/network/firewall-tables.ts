/**
 * Our tables in the kernel: swapped when what is wanted differs from what this process made last.
 */
import { runCommand } from '../base/run-command.ts';
import { firewallText } from './firewall.ts';
import type { ServerPorts } from './name-servers.ts';
import type { NetworkState } from './network.ts';

export type FirewallTables = {
  /** One `nft -f`, or none when nothing differs. COMMAND_FAILED when the kernel refuses it. */
  swap(state: NetworkState, serverPorts: ServerPorts): Promise<void>;
  /** Of `heard` transactions that touched our tables, whether one was not our own. */
  wasTouched(heard: number): boolean;
  /** Somebody may have changed them: the next swap is done in any case. */
  forget(): void;
};

const TOLD_WITHIN_MS = 3000;

export function firewallTables(tag: string, log: (line: string) => void): FirewallTables {
  let made: string | undefined;
  let everMade = false;
  /** Until the kernel has refused them: tables of the bridge family (CONFIG_NF_TABLES_BRIDGE). */
  let guards = true;

  /** When our own transactions were made that nobody has told us of yet; each is told once, and soon. */
  let untold: number[] = [];
  const noteOwn = (exitCode: number) => {
    if (exitCode === 0) untold.push(Date.now());
  };

  const tryGuards = async (text: string): Promise<boolean> => {
    const { exitCode } = await runCommand('nft', ['-f', '-'], { input: text, check: false });
    noteOwn(exitCode);
    return exitCode === 0;
  };

  return {
    async swap(state, serverPorts) {
      const text = firewallText(tag, state, { serverPorts, guards });
      if (text === made) return;
      made = undefined;
      if (guards && (await tryGuards(text))) {
        made = text;
        everMade = true;
        return;
      }
      const plain = firewallText(tag, state, { serverPorts, guards: false });
      /* An engine that never had a network must start on a machine that can have none. */
      const mustWork = state.bridges.length > 0 || everMade;
      const { exitCode } = await runCommand('nft', ['-f', '-'], { input: plain, check: mustWork });
      noteOwn(exitCode);
      if (guards && exitCode === 0 && state.bridges.length > 0) {
        guards = false;
        log('this kernel has no nftables for bridges: containers of one network can use each other’s addresses');
      }
      made = plain;
      everMade ||= exitCode === 0;
    },
    wasTouched(heard) {
      const own = untold.filter((madeAt) => Date.now() - madeAt < TOLD_WITHIN_MS);
      untold = own.slice(heard);
      return heard > own.length;
    },
    forget() {
      made = undefined;
    },
  };
}
