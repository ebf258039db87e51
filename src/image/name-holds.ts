/**
 * Names that stay although no container has their image yet: of stacks that are being brought up.
 *
 * In memory alone: an engine that dies takes the `up` along that wanted them.
 */
export type NameHolds = {
  /** Until what it returns is called, once. */
  hold(names: readonly string[]): () => void;
  has(name: string): boolean;
};

export function nameHolds(): NameHolds {
  const holds = new Set<ReadonlySet<string>>();
  return {
    hold(names) {
      const held = new Set(names);
      holds.add(held);
      return () => void holds.delete(held);
    },
    has: (name) => [...holds].some((held) => held.has(name)),
  };
}
