/**
 * Platforms as Docker writes them: `linux/arm64/v8`, `arm64`; and which manifest of an index is meant by one.
 *
 * Pure.
 */
import { BerthError } from '../base/errors.ts';
import type { IndexEntry } from './parse-manifest.ts';

export type Platform = { readonly os: string; readonly architecture: string; readonly variant?: string };

const ARCHITECTURES: Readonly<Record<string, Omit<Platform, 'os'>>> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  x64: { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
  i386: { architecture: '386' },
};

/** This machine's. */
export function ownPlatform(): Platform {
  return { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch };
}

/** IMAGE_PLATFORM_MISSING for what is no platform, or one of another system than Linux. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [os, word, variant] =
    parts.length === 1 ? (parts[0] === 'linux' ? ['linux', ownPlatform().architecture] : ['linux', parts[0]]) : parts;
  if (
    parts.length > 3 ||
    !word ||
    !/^[a-z0-9_.-]+$/.test(word) ||
    (variant !== undefined && !/^[a-z0-9.]+$/.test(variant))
  )
    throw new BerthError('IMAGE_PLATFORM_MISSING', `"${text}" is no platform`, {
      hint: 'write OS/ARCHITECTURE, for example linux/arm64',
    });
  if (os !== 'linux')
    throw new BerthError('IMAGE_PLATFORM_MISSING', `images of ${os} do not run here`, {
      hint: 'choose one of linux/...',
    });
  const known = ARCHITECTURES[word] ?? { architecture: word };
  return { os, ...known, ...(variant !== undefined && { variant }) };
}

export function printPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** The entry of an index for a platform; undefined when it has none. */
export function chooseManifest(entries: readonly IndexEntry[], wanted: Platform): IndexEntry | undefined {
  const fitting = entries.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  const ranked = fitting
    .map((entry) => ({ entry, rank: rankOf(entry.platform?.variant, wanted) }))
    .filter(({ rank }) => rank !== undefined)
    .sort((a, b) => b.rank! - a.rank!);
  return ranked[0]?.entry;
}

export function isSamePlatform(one: Platform, other: Platform): boolean {
  return one.os === other.os && one.architecture === other.architecture && rankOf(other.variant, one) !== undefined;
}

/** Higher is better; undefined: does not run there. A processor runs what is made for an older variant. */
function rankOf(variant: string | undefined, { architecture, variant: wanted }: Platform): number | undefined {
  const have = numberOf(variant, architecture);
  const most = numberOf(wanted, architecture);
  return have <= most ? have : undefined;
}

function numberOf(variant: string | undefined, architecture: string): number {
  const plain: Readonly<Record<string, number>> = { arm: 7, arm64: 8, amd64: 1 };
  return variant ? Number(/^v(\d+)/.exec(variant)?.[1] ?? 0) : (plain[architecture] ?? 0);
}
