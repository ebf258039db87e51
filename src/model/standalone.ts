/**
 * Containers without a stack file: each is a stack of its own with one service.
 *
 * The name of such a stack has a dot, which no stack file's name may have, so
 * the two never meet. It is random, since the container may be renamed.
 */
const PREFIX = 'container.';

/** The stack of their common network, which has no services. */
export const STANDALONE_NETWORK_STACK = `${PREFIX}network`;

/** `unique`: what no other container has. */
export function standaloneStackName(unique: string): string {
  return `${PREFIX}${unique}`;
}

export function isStandalone(stack: string): boolean {
  return stack.startsWith(PREFIX);
}
