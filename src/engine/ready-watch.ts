/**
 * Ties x-berth.ready of a container to its live side.
 */
import { watchReady } from '../health/ready.ts';
import { joinParts } from '../logs/join-parts.ts';
import { stampOf } from '../logs/log-line.ts';
import { readLog } from '../logs/read-log.ts';
import type { Readiness } from '../model/stack.ts';
import type { RunningContainer } from '../runtime/runtime.ts';
import { logPath } from './logs/run-folder.ts';
import type { ContainerRecord } from './records.ts';
import type { LiveContainer, World } from './world.ts';

export type ReadyWatch = { readonly onReady: () => void; readonly onLate: () => void };

/** The kernel tells the start of a process in hundredths of a second; twice that, for rounding on both sides. */
const CLOCK_TICK_MS = 20;

/** Which run of a container something was seen in: a new engine need not look again. */
export function runOf({ pid, startTime }: RunningContainer): string {
  return `${pid}:${startTime}`;
}

/** Watches a running container come up; the handle is the `probe` of its live side. */
export function startReadyWatch(
  world: World,
  record: ContainerRecord,
  { running, readiness }: { readonly running: RunningContainer; readonly readiness: Readiness },
  heard: ReadyWatch,
): LiveContainer['probe'] {
  const hands = {
    address: addressOf(world, record),
    listening: (port: number, signal: AbortSignal) => world.runtime.untilListening(running, [port], signal),
    lines: (signal: AbortSignal) => linesOf(world, record, running, signal),
  };
  const handle = watchReady(readiness, hands, heard);
  return { lastOutput: handle.missing, stop: handle.stop };
}

/** Its own, or that of the container whose network it shares; of the host's network, this machine's own. */
function addressOf(world: World, record: ContainerRecord): string {
  const { networkMode } = record.definition;
  if (networkMode.kind === 'service' || networkMode.kind === 'container') {
    const owner = world.store.containers
      .all()
      .find((other) =>
        networkMode.kind === 'service'
          ? other.stack === record.stack && other.service === networkMode.service && !other.oneOff
          : other.name === networkMode.container || other.id.startsWith(networkMode.container),
      );
    if (owner && owner.id !== record.id) return addressOf(world, owner);
  }
  return record.attachments[0]?.address ?? '127.0.0.1';
}

/** What it has written since this start; the log of earlier runs stands in the same file. */
async function* linesOf(world: World, container: ContainerRecord, running: RunningContainer, signal: AbortSignal) {
  const live = world.live.get(container.id);
  const follow = { signal, done: () => live?.running !== running, onWake: world.changes.listen };
  const since = stampOf(Date.parse(running.startedAt) - CLOCK_TICK_MS);
  const joiner = joinParts();
  for await (const piece of readLog(logPath(world.roots, container), { follow })) {
    for (const line of joiner.add(piece)) if (line.time >= since) yield line.text.toString();
  }
}
