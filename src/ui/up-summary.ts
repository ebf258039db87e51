/**
 * What a person wants to know after `up`: where to reach the stack, and what did not stay up.
 */
import type { ContainerSummary } from '../engine/answers.ts';
import type { UpResult } from '../engine/engine.ts';
import { completedLines } from './print-plan.ts';

export function upSummaryLines({ plan, containers }: UpResult): string[] {
  const nothing = plan.steps.length === 0 ? [`${plan.stack} is as its stack file says: nothing to do`] : [];
  return [...nothing, ...completedLines(plan), ...addressLines(containers), ...failureLines(containers)];
}

/** `web: http://127.0.0.1:8080 -> 80`, one a published port. */
function addressLines(containers: readonly ContainerSummary[]): string[] {
  return containers.flatMap((container) => {
    /* The first address of a port is the one that people type. */
    const ports = new Map([...container.Publishers].reverse().map((p) => [`${p.PublishedPort}/${p.Protocol}`, p]));
    return [...ports.values()].map((p) => {
      const host = p.URL === '0.0.0.0' || p.URL === '::' ? 'all addresses' : p.URL.includes(':') ? `[${p.URL}]` : p.URL;
      return `${container.Service}: ${host}:${p.PublishedPort} -> ${p.TargetPort}${p.Protocol === 'udp' ? '/udp' : ''}`;
    });
  });
}

function failureLines(containers: readonly ContainerSummary[]): string[] {
  return containers
    .filter((c) => c.State === 'exited' && c.ExitCode !== 0)
    .map(
      (c) =>
        `${c.Service} has ended with exit code ${c.ExitCode}${c.OOMKilled ? ' (out of memory)' : ''}: see \`berth logs ${c.Service}\``,
    );
}
