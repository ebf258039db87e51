/**
 * Ties a container's health check to its live side.
 *
 * A probe is an exec in the container; its last output is kept for messages.
 */
import { newId } from '../base/ids.ts';
import { type ProbeOutcome, startProbing } from '../health/probe.ts';
import { reportContainer } from './history/report.ts';
import type { ContainerRecord } from './records.ts';
import { runToEnd } from './run-to-end.ts';
import { liveOf, type World } from './world.ts';

/** Starts, replaces or ends the probing of a running container. */
export function superviseHealth(world: World, record: ContainerRecord): void {
  const live = liveOf(world, record.id);
  live.probe?.stop();
  live.probe = null;
  const check = record.definition.healthcheck;
  if (live.state === 'paused') return;
  if (!check || check.test.kind === 'none') {
    live.health = '';
    return;
  }
  const argv = check.test.argv;
  live.health = 'starting';
  live.probe = startProbing(
    check,
    (signal) => probe(world, record.id, argv, signal),
    (health) => {
      live.health = health;
      const output = live.probe?.lastOutput().trim() ?? '';
      reportContainer(world, record, {
        action: `health_status: ${health}`,
        why: health === 'healthy' ? 'its health check succeeded' : 'its health check failed too often in a row',
        attributes: output ? { output } : {},
      });
      world.changes.changed();
    },
  );
}

async function probe(world: World, id: string, argv: readonly string[], signal: AbortSignal): Promise<ProbeOutcome> {
  const live = world.live.get(id);
  if (!live?.running) return { ok: false, output: 'it does not run' };
  const { code, output } = await runToEnd(world, { container: id, execId: newId(), argv, signal });
  return { ok: code === 0, output };
}
