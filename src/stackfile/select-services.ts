/**
 * Which services of a stack file take part: those without profiles, and those of a profile that is on.
 */
import { type Raw, textList } from './conversion.ts';
import { isMap } from './tree.ts';

export type Selection = {
  /** Switched on by name; `*` is all. */
  readonly profiles: readonly string[];
  /** Named on the command line: the profiles of these are on, also for others that have them. */
  readonly services: readonly string[];
};

export function selectServices(all: Raw, { profiles, services }: Selection): string[] {
  const on = new Set([...profiles, ...services.flatMap((name) => profilesOf(all[name]))]);
  return Object.keys(all).filter((name) => {
    const own = profilesOf(all[name]);
    return own.length === 0 || on.has('*') || own.some((profile) => on.has(profile));
  });
}

function profilesOf(service: unknown): string[] {
  return isMap(service) ? textList(service.profiles) : [];
}
