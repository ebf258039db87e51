/**
 * Names of our interfaces: all begin with a prefix of the engine's tag, so that two engines never touch each other's.
 */

/** IFNAMSIZ of linux/if.h leaves 15 bytes. */
const MAX_BYTES = 15;

export function bridgePrefix(tag: string): string {
  return `bt${tag}`;
}

/** Names of the containers' ends on our bridges; a start adds ten more digits. */
export function portPrefix(tag: string): string {
  return `v${tag}`;
}

/** The bridge of a network; derives from its id, so that recovery finds it. */
export function bridgeName(tag: string, networkId: string): string {
  return `${bridgePrefix(tag)}${networkId}`.slice(0, MAX_BYTES);
}
