/**
 * Our chains among the rules of an iptables firewall: what they should be, as text.
 *
 * Pure. What comes from our bridges and what goes to them is accepted, since
 * our own table has the say about it; but what goes to a bridge of Docker's is
 * left to Docker's rules. They are in chains of our own, called from
 * DOCKER-USER where there is one (made for this by Docker), else from FORWARD.
 */

export type Filter = {
  readonly policies: Readonly<Record<string, string>>;
  /** By chain, each rule without `-A CHAIN`. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
};

/** Lines of `iptables -S`. */
export function parseFilter(listing: string): Filter {
  const policies: Record<string, string> = {};
  const rules: Record<string, string[]> = {};
  for (const line of listing.split('\n')) {
    const [, option, chain = '', rest = ''] = /^-([PNA]) (\S+) ?(.*)$/.exec(line) ?? [];
    if (option === 'P') policies[chain] = rest;
    if (option !== undefined) rules[chain] ??= [];
    if (option === 'A') rules[chain]?.push(rest);
  }
  return { policies, rules };
}

export type OwnRules = {
  /** Prefix of our bridges: `bt1a2b`. */
  readonly bridges: string;
  /** Nothing of ours shall be there. */
  readonly none?: boolean;
};

/** Input of `iptables-restore --noflush` that makes our part as it should be; undefined when it is. */
export function restoreText(filter: Filter, { bridges, none = false }: OwnRules): string | undefined {
  const forward = `BERTH-${bridges}`;
  const input = `${forward}-IN`;
  const wanted = new Map<string, readonly string[]>();
  const hooks = new Map<string, string>();
  const forwardHook = none ? undefined : forwardHookOf(filter, forward);
  if (forwardHook !== undefined) {
    wanted.set(forward, forwardRules(bridges, dockerBridges(filter)));
    hooks.set(forward, forwardHook);
  }
  if (!none && isInUse(filter, 'INPUT', input)) {
    wanted.set(input, inputRules(bridges));
    hooks.set(input, 'INPUT');
  }
  const lines = [forward, input].flatMap((chain) =>
    changesOf(filter, chain, { rules: wanted.get(chain), hook: hooks.get(chain) }),
  );
  return lines.length === 0 ? undefined : ['*filter', ...lines, 'COMMIT', ''].join('\n');
}

function forwardHookOf(filter: Filter, own: string): string | undefined {
  if (filter.rules['DOCKER-USER']) return 'DOCKER-USER';
  return isInUse(filter, 'FORWARD', own) ? 'FORWARD' : undefined;
}

/** Whether others filter there at all. */
function isInUse({ policies, rules }: Filter, chain: string, own: string): boolean {
  const ofOthers = (rules[chain] ?? []).filter((rule) => !rule.endsWith(`-j ${own}`));
  return ofOthers.length > 0 || (policies[chain] ?? 'ACCEPT') !== 'ACCEPT';
}

/** Bridges that Docker's chains name, and that the rules of FORWARD which call them do. */
function dockerBridges({ rules }: Filter): string[] {
  const dockers = Object.entries(rules).flatMap(([chain, all]) => {
    if (chain === 'FORWARD') return all.filter((rule) => /-j DOCKER$/.test(rule));
    return /^DOCKER/.test(chain) && chain !== 'DOCKER-USER' ? all : [];
  });
  const names = dockers.flatMap((rule) => [...rule.matchAll(/(?:^|[^!] )-[io] (\S+)/g)].map((match) => match[1]!));
  return [...new Set(names)].sort();
}

function forwardRules(bridges: string, docker: readonly string[]): string[] {
  return [
    ...docker.map((name) => `-i ${bridges}+ -o ${name} -j RETURN`),
    `-i ${bridges}+ -j ACCEPT`,
    `-o ${bridges}+ -j ACCEPT`,
  ];
}

/** Names are asked of us; where port 53 is somebody else's, the question is redirected. */
function inputRules(bridges: string): string[] {
  return [
    ...['udp', 'tcp'].map((protocol) => `-i ${bridges}+ -p ${protocol} -m ${protocol} --dport 53 -j ACCEPT`),
    `-i ${bridges}+ -m conntrack --ctstate DNAT -j ACCEPT`,
  ];
}

type Wanted = { readonly rules: readonly string[] | undefined; readonly hook: string | undefined };

function changesOf(filter: Filter, chain: string, { rules, hook }: Wanted): string[] {
  const jump = `-j ${chain}`;
  const calls = Object.entries(filter.rules).flatMap(([from, all]) => all.filter((r) => r === jump).map(() => from));
  const there = filter.rules[chain];
  if (rules === undefined) {
    return there === undefined ? [] : [...calls.map((from) => `-D ${from} ${jump}`), `-F ${chain}`, `-X ${chain}`];
  }
  const isCalled = calls.length === 1 && calls[0] === hook;
  if (isCalled && there?.join('\n') === rules.join('\n')) return [];
  return [
    ...(there === undefined ? [`-N ${chain}`] : [`-F ${chain}`]),
    ...rules.map((rule) => `-A ${chain} ${rule}`),
    ...(isCalled ? [] : [...calls.map((from) => `-D ${from} ${jump}`), `-I ${hook} 1 ${jump}`]),
  ];
}
