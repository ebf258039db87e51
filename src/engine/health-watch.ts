/**
 * Ties readiness and health check of a container to its live side.
 *
 * What the engine sees of its coming up (x-berth.ready) comes first; then its
 * health check is asked. A probe is an exec in the container; its last output
 * is kept for messages.
 */
import { newId } from '../base/ids.ts';
import { type Health, type ProbeOutcome, startProbing } from '../health/probe.ts';
import type { Healthcheck } from '../model/healthcheck.ts';
import { healthcheckOf } from './health-of.ts';
import { reportContainer } from './history/report.ts';
import { runOf, startReadyWatch } from './ready-watch.ts';
import type { ContainerRecord } from './records.ts';
import { runToEnd } from './run-to-end.ts';
import { endUnhealthy } from './unhealthy.ts';
import { liveOf, type World } from './world.ts';

/** Starts, replaces or ends the watching over a running container. */
export function superviseHealth(world: World, record: ContainerRecord): void {
  const live = liveOf(world, record.id);
  live.probe?.stop();
  live.probe = null;
  if (live.state === 'paused') return;
  const { ready: readiness } = record.definition;
  const running = live.running;
  live.health = '';
  if (!readiness || !running || record.readyRun === runOf(running)) {
    checkHealth(world, record);
    return;
  }
  live.health = 'starting';
  live.probe = startReadyWatch(
    world,
    record,
    { running, readiness },
    {
      onReady: () => {
        const current = world.store.containers.get(record.id);
        if (current) world.store.containers.putSoon(record.id, { ...current, readyRun: runOf(running) });
        if (checkOf(record) === null) become(world, record, 'healthy', 'all that x-berth.ready asks for was seen');
        else checkHealth(world, record);
      },
      onLate: () => become(world, record, 'unhealthy', `it was not ready within ${readiness.timeoutMs / 1000} s`),
    },
  );
}

function checkOf(record: ContainerRecord): Healthcheck | null {
  const healthcheck = healthcheckOf(record);
  return healthcheck?.test.kind === 'exec' ? healthcheck : null;
}

function checkHealth(world: World, record: ContainerRecord): void {
  const live = liveOf(world, record.id);
  const check = checkOf(record);
  live.probe?.stop();
  live.probe = null;
  if (check?.test.kind !== 'exec') {
    if (record.definition.ready) live.health = 'healthy';
    return;
  }
  const argv = check.test.argv;
  live.health = 'starting';
  live.probe = startProbing(
    check,
    (signal) => probe(world, record.id, argv, signal),
    (health) => become(world, record, health, WHY[health]),
  );
}

const WHY: Readonly<Record<Health, string>> = {
  starting: 'its health check has not succeeded yet',
  healthy: 'its health check succeeded',
  unhealthy: 'its health check failed too often in a row',
};

function become(world: World, record: ContainerRecord, health: Health, why: string): void {
  const live = liveOf(world, record.id);
  live.health = health;
  const output = live.probe?.lastOutput().trim() ?? '';
  const event = reportContainer(world, record, {
    action: `health_status: ${health}`,
    why,
    cause: live.startEvent,
    attributes: output ? { output } : {},
  });
  world.changes.changed();
  if (health === 'unhealthy') endUnhealthy(world, record.id, event);
}

async function probe(world: World, id: string, argv: readonly string[], signal: AbortSignal): Promise<ProbeOutcome> {
  const live = world.live.get(id);
  if (!live?.running) return { ok: false, output: 'it does not run' };
  const { code, output } = await runToEnd(world, { container: id, execId: newId(), argv, signal });
  return { ok: code === 0, output };
}
