/**
 * stop, start, restart and kill of what a stack has.
 */

import { BerthError } from '../base/errors.ts';
import type { Stack } from '../model/stack.ts';
import { signalNumber } from '../runtime/stop-signals.ts';
import { emptyStack } from './down.ts';
import type { KillRequest, StackActionResult, StartRequest, StopRequest, Watch } from './engine.ts';
import { execute } from './execute.ts';
import { reportCommand, reportContainer } from './history/report.ts';
import { knownServices, refuseUnknownServices } from './known-services.ts';
import { observe, recordsOf } from './observe.ts';
import type { Observed } from './observed.ts';
import { performing } from './ops/perform.ts';
import type { Plan } from './plan.ts';
import { stopSignalOf } from './stop-signal.ts';
import { summarize } from './summary.ts';
import { withTimeout } from './with-timeout.ts';
import type { World } from './world.ts';

export type Planner = (stack: Stack, observed: Observed, services: ReadonlySet<string>) => Plan;

/** Plans with `planner` for the services named (all when none is) and executes. */
export async function act(
  world: World,
  request: StopRequest & StartRequest,
  { action, planner }: { readonly action: string; readonly planner: Planner },
  watch: Watch = {},
): Promise<StackActionResult> {
  const record = world.store.stacks.get(request.stack);
  const stack = record?.stack ?? emptyStack(request.stack);
  const services = chosenServices(world, request);
  const plan = planner(stack, await chosenContainers(world, request), services);
  if (request.dryRun) return { plan, containers: summaries(world, request.stack, services) };
  const operation = {
    world,
    stack,
    positions: record?.positions ?? {},
    graceMs: request.graceMs,
    stopSignal: request.signal,
    created: new Map<string, string>(),
    cause: reportCommand(world, action, request),
  };
  await withTimeout(request, watch, (limited) =>
    execute(plan, performing(operation), { ...limited, parallel: request.parallel }),
  );
  return { plan, containers: summaries(world, request.stack, services) };
}

async function chosenContainers(world: World, { stack, containers }: StopRequest): Promise<Observed> {
  const observed = await observe(world, stack);
  if (containers === undefined) return observed;
  /* Named by itself, a one-off container is as good as any other. */
  const named = observed.containers.filter((c) => containers.includes(c.id)).map((c) => ({ ...c, oneOff: false }));
  return { ...observed, containers: named };
}

/** Sends a signal to every running container of the services. One that ends it keeps its restart policy from acting. */
export async function kill(world: World, request: KillRequest): Promise<StackActionResult> {
  const services = chosenServices(world, request);
  const signal = signalNumber(request.signal);
  const { containers } = request;
  const targets = recordsOf(world, request.stack).filter(
    (r) => services.has(r.service) && (containers === undefined || containers.includes(r.id)),
  );
  if (request.dryRun)
    return { plan: { stack: request.stack, steps: [] }, containers: targets.map((r) => summarize(world, r)) };
  const cause = reportCommand(world, 'kill', request);
  await Promise.all(
    targets.map(async (record) => {
      const live = world.live.get(record.id);
      if (!live?.running) return;
      if (signal === 9 || signal === signalNumber(stopSignalOf(record))) {
        live.stopping = true;
        world.store.containers.putSoon(record.id, { ...record, desired: 'stopped' });
      }
      live.endCause = reportContainer(world, record, {
        action: 'kill',
        why: `${request.signal} was asked for`,
        cause,
        attributes: { signal: request.signal },
      });
      await live.running.signal(signal);
      if (signal === 9) await live.running.exited;
    }),
  );
  return { plan: { stack: request.stack, steps: [] }, containers: summaries(world, request.stack, services) };
}

/** Names of the services a request means: of the stack's record, and of what is left from earlier. */
function chosenServices(
  world: World,
  request: { readonly stack: string; readonly services: readonly string[] },
): ReadonlySet<string> {
  const known = knownServices(world, request.stack);
  if (known.size === 0) {
    throw new BerthError('STACK_NOT_FOUND', `stack ${request.stack} is not up`, {
      hint: 'start it with `berth up -d`, or see `berth ls`',
    });
  }
  refuseUnknownServices(world, request.stack, request.services);
  return request.services.length === 0 ? known : new Set(request.services);
}

function summaries(world: World, stack: string, services: ReadonlySet<string>) {
  return recordsOf(world, stack)
    .filter((r) => services.has(r.service))
    .map((r) => summarize(world, r));
}
