/**
 * Firewalls of others that stand in our containers' way: which there are.
 *
 * A packet passes only when every table lets it pass, so no table of ours can
 * undo a drop of Docker's, ufw's or firewalld's. One `nft` tells which of them
 * have chains here; rules made by an old iptables are in /proc.
 */
import { readFileSync } from 'node:fs';
import { BerthError, errnoOf } from '../base/errors.ts';
import { runCommand } from '../base/run-command.ts';

export type IptablesProgram = 'iptables' | 'iptables-legacy' | 'ip6tables' | 'ip6tables-legacy';

export type ForeignFilters = {
  /** Programs that show and change rules of the old kind; several when both kinds are in use. */
  readonly iptables: readonly IptablesProgram[];
  readonly firewalld: boolean;
  /** Chains of other tables that drop what they do not know: `inet filter forward`. */
  readonly dropping: readonly string[];
};

const NONE: ForeignFilters = { iptables: [], firewalld: false, dropping: [] };

export async function findForeignFilters(ownTable: string): Promise<ForeignFilters> {
  const { stdout, exitCode } = await runCommand('nft', ['-j', 'list', 'chains'], { check: false });
  const found = exitCode === 0 ? filtersOf(stdout, ownTable) : NONE;
  const legacy: IptablesProgram[] = [
    ...(hasLegacyRules('ip_tables_names') ? (['iptables-legacy'] as const) : []),
    ...(hasLegacyRules('ip6_tables_names') ? (['ip6tables-legacy'] as const) : []),
  ];
  return { ...found, iptables: [...found.iptables, ...legacy] };
}

type Chain = {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
};

/** `listing`: of `nft -j list chains`. */
export function filtersOf(listing: string, ownTable: string): ForeignFilters {
  const { nftables = [] } = JSON.parse(listing || '{}') as { nftables?: { chain?: Chain }[] };
  const chains = nftables.flatMap(({ chain }) => (chain && chain.table !== ownTable ? [chain] : []));
  const filtersBy = (wanted: 'ip' | 'ip6') =>
    chains.some(({ family, table, name }) => family === wanted && table === 'filter' && /^(FORWARD|INPUT)$/.test(name));
  const others = chains.filter((chain) => !/^ip6?$/.test(chain.family));
  return {
    iptables: [
      ...(filtersBy('ip') ? (['iptables'] as const) : []),
      ...(filtersBy('ip6') ? (['ip6tables'] as const) : []),
    ],
    firewalld: chains.some(({ table }) => table === 'firewalld'),
    dropping: others
      .filter(({ hook, policy }) => policy === 'drop' && (hook === 'forward' || hook === 'input'))
      .map(({ family, table, name }) => `${family} ${table} ${name}`),
  };
}

function hasLegacyRules(names: 'ip_tables_names' | 'ip6_tables_names'): boolean {
  try {
    return readFileSync(`/proc/self/net/${names}`, 'utf8').split('\n').includes('filter');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Its output, or undefined when it is not installed or failed: then there is nothing that could be asked. */
export async function tryProgram(program: string, args: readonly string[], input = ''): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runCommand(program, args, { input, check: false });
    return exitCode === 0 ? stdout : undefined;
  } catch (error) {
    if (error instanceof BerthError && error.code === 'HOST_LACKS_PROGRAM') return undefined;
    throw error;
  }
}
