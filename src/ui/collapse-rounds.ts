/**
 * A chain of causes that goes round in circles (end, restart, start, end ...) -> one round, and how often it was.
 */
import type { WhyLink } from '../engine/history/why.ts';

export type Round = {
  readonly link: WhyLink;
  /** Behind the last link of a round: how many more there were, and when the first of them was. */
  readonly more?: { readonly count: number; readonly since: string };
};

/** die, start, restart. */
const LENGTH = 3;

export function collapseRounds(links: readonly WhyLink[]): Round[] {
  const rounds: Round[] = [];
  let lifted = 0;
  for (let at = 0; at < links.length; ) {
    const count = repeatsAt(links, at);
    const end = count === 0 ? at + 1 : at + LENGTH;
    for (let index = at; index < end; index++) {
      const link = { ...links[index]!, depth: links[index]!.depth - lifted };
      const isLast = count > 0 && index === end - 1;
      const since = links[at + LENGTH * (count + 1) - 1]?.event.time ?? link.event.time;
      rounds.push(isLast ? { link, more: { count, since } } : { link });
    }
    at = end + LENGTH * count;
    lifted += LENGTH * count;
  }
  return rounds;
}

/** How many rounds like the one that begins here follow it. */
function repeatsAt(links: readonly WhyLink[], at: number): number {
  if (links.length < at + 2 * LENGTH || links[at]!.event.action !== 'die') return 0;
  let count = 0;
  while (isSame(links, at, at + LENGTH * (count + 1))) count += 1;
  return count;
}

function isSame(links: readonly WhyLink[], a: number, b: number): boolean {
  if (b + LENGTH > links.length) return false;
  return Array.from({ length: LENGTH }, (_, step) => step).every((step) => {
    const [one, other] = [links[a + step]!, links[b + step]!];
    return other.relation === 'cause' && kindOf(one) === kindOf(other);
  });
}

function kindOf({ event }: WhyLink): string {
  return [event.actor.name, event.action, event.attributes.exitCode ?? '', event.attributes.signal ?? ''].join(' ');
}
