/**
 * Restarts what follows a service that berth has started again for being unhealthy (depends_on.restart).
 *
 * Only that: a service that ends by itself and is started again changes
 * nothing for those that depend on it, as the Compose Specification has it.
 */
import { execute } from './execute.ts';
import { observe } from './observe.ts';
import { performing } from './ops/perform.ts';
import { planRestart, withFollowers } from './reconcile-down.ts';
import type { World } from './world.ts';

export async function restartFollowers(
  world: World,
  { stack: name, service }: { readonly stack: string; readonly service: string },
  cause: number,
): Promise<void> {
  const record = world.store.stacks.get(name);
  if (!record) return;
  const followers = new Set(withFollowers(record.stack, new Set([service])));
  followers.delete(service);
  if (followers.size === 0) return;
  const observed = await observe(world, name);
  const running = observed.containers.filter((c) => c.state === 'running');
  const plan = planRestart(record.stack, { ...observed, containers: running }, followers);
  const operation = { world, stack: record.stack, positions: record.positions, graceMs: undefined, cause };
  await execute(plan, performing({ ...operation, created: new Map() }));
}
