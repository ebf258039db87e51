/**
 * A way through the firewalls of others, while we have networks.
 *
 * What is put into them: two chains with our name among the rules of iptables
 * (Docker, ufw), our bridges in the zone `trusted` of firewalld. All of it is
 * taken away with the last network, also by an engine that did not put it there.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findForeignFilters, tryProgram } from './foreign-filters.ts';
import { parseFilter, restoreText } from './iptables-rules.ts';

export type PassageOptions = {
  readonly runDir: string;
  readonly ownTable: string;
  /** Prefix of our bridges. */
  readonly bridges: string;
  readonly log: (line: string) => void;
};

export type Passage = {
  /** Looks at what is there and opens a way where one is closed. */
  open(): Promise<void>;
  /** Takes away what open() has put there. */
  close(): Promise<void>;
};

export function passage({ runDir, ownTable, bridges, log }: PassageOptions): Passage {
  const opened = join(runDir, 'passage');
  const zoned = join(runDir, 'passage-firewalld');
  const said = new Set<string>();

  const changeRules = async (programs: readonly string[], none: boolean): Promise<void> => {
    for (const program of programs) {
      const listing = await tryProgram(program, ['-w', '-S']);
      const text = listing === undefined ? undefined : restoreText(parseFilter(listing), { bridges, none });
      if (text === undefined) continue;
      /* First: an engine that is killed in between leaves it to the next one. */
      if (!none) writeFileSync(opened, '');
      const restore = `${program}-restore`;
      const done = await tryProgram(restore, ['-w', '--noflush'], text);
      if (done === undefined) log(`${restore} refused our rules: containers may be cut off by another firewall`);
    }
  };
  const enterZone = async (): Promise<void> => {
    const rules = await tryProgram('nft', ['list', 'chain', 'inet', 'firewalld', 'filter_FORWARD_ZONES']);
    if (rules === undefined || rules.includes(`"${bridges}*"`)) return;
    writeFileSync(zoned, '');
    const done = await tryProgram('firewall-cmd', ['--quiet', '--zone=trusted', `--change-interface=${bridges}+`]);
    if (done === undefined)
      log('firewalld did not take our bridges into its zone `trusted`: containers may be cut off');
  };
  const warn = (chains: readonly string[]): void => {
    for (const chain of chains.filter((name) => !said.has(name))) {
      said.add(chain);
      log(
        `the chain ${chain} drops what it does not know: let \`iifname "${bridges}*"\` and \`oifname "${bridges}*"\` pass in it`,
      );
    }
  };

  return {
    async open() {
      const { iptables, firewalld, dropping } = await findForeignFilters(ownTable);
      await changeRules(iptables, false);
      if (firewalld) await enterZone();
      warn(dropping);
    },
    async close() {
      if (existsSync(opened)) {
        const { iptables } = await findForeignFilters(ownTable);
        await changeRules(iptables, true);
        rmSync(opened);
      }
      if (!existsSync(zoned)) return;
      await tryProgram('firewall-cmd', ['--quiet', '--zone=trusted', `--remove-interface=${bridges}+`]);
      rmSync(zoned);
    },
  };
}
