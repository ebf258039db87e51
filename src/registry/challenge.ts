/**
 * WWW-Authenticate -> challenges. RFC 9110, section 11.6.1; RFC 6750, section 3.
 *
 * Pure. What is not understood is left out.
 */
export type Challenge =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string };

const PARAMETER = /([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;
const SCHEME = /[\s,]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s+|$)/y;
const MAX = 8192;

/** Those of all schemes, in the order of the header. */
export function parseChallenges(header: string): Challenge[] {
  const text = header.slice(0, MAX);
  const challenges: Challenge[] = [];
  let at = 0;
  for (;;) {
    SCHEME.lastIndex = at;
    const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
    if (scheme === undefined) return challenges;
    const { parameters, end } = readParameters(text, SCHEME.lastIndex);
    at = end;
    const challenge = challengeOf(scheme, parameters);
    if (challenge) challenges.push(challenge);
  }
}

function readParameters(text: string, from: number) {
  const parameters = new Map<string, string>();
  let end = from;
  for (;;) {
    PARAMETER.lastIndex = end;
    const match = PARAMETER.exec(text);
    if (!match) return { parameters, end };
    parameters.set(match[1]!.toLowerCase(), match[3] ?? match[2]!.replace(/\\(.)/g, '$1'));
    end = PARAMETER.lastIndex + (/^[\s,]*/.exec(text.slice(PARAMETER.lastIndex))?.[0].length ?? 0);
  }
}

function challengeOf(scheme: string, parameters: ReadonlyMap<string, string>): Challenge | undefined {
  if (scheme === 'basic') return { kind: 'basic' };
  const realm = parameters.get('realm');
  if (scheme !== 'bearer' || realm === undefined) return undefined;
  return { kind: 'bearer', realm, service: parameters.get('service'), scope: parameters.get('scope') };
}
