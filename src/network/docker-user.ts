/**
 * Our rules in DOCKER-USER, the one foreign chain that is ever touched.
 *
 * A running dockerd drops what it does not know, also between containers of
 * one bridge of ours (bridge-nf-call-iptables); no table of ours can undo a
 * drop. Written by iptables, since Docker's could not read rules made by nft.
 */
import { BerthError } from '../base/errors.ts';
import { runCommand } from '../base/run-command.ts';

/** Inserts (-I) or deletes (-D) the rules for all bridges of the prefix; false when there is no such chain. */
export async function changeDockerUser(action: '-I' | '-D', bridgePrefix: string): Promise<boolean> {
  let done = true;
  for (const direction of ['-i', '-o'] as const) {
    const rule = acceptRule(direction, bridgePrefix);
    const isThere = await iptables(['-C', 'DOCKER-USER', ...rule]);
    if (isThere === (action === '-I')) continue;
    done = (await iptables([action, 'DOCKER-USER', ...rule])) && done;
  }
  return done;
}

function acceptRule(direction: '-i' | '-o', bridgePrefix: string): string[] {
  const comment = ['-m', 'comment', '--comment', `berth ${bridgePrefix}`];
  return [direction, `${bridgePrefix}+`, ...comment, '-j', 'ACCEPT'];
}

/** Whether it went well; a machine without iptables has no such chain. */
async function iptables(args: readonly string[]): Promise<boolean> {
  try {
    const { exitCode } = await runCommand('iptables', ['-w', ...args], { check: false });
    return exitCode === 0;
  } catch (error) {
    if (error instanceof BerthError && error.code === 'HOST_LACKS_PROGRAM') return false;
    throw error;
  }
}
