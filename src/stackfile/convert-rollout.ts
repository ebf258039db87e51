/**
 * deploy.update_config and deploy.rollback_config of a service.
 *
 * Compose Deploy Specification; what is not written has its defaults there.
 */
import type { Rollout, Service } from '../model/stack.ts';
import { type Conversion, durationOr, numberOr, type Raw, rawOf, textOr } from './conversion.ts';

const ACTIONS = ['pause', 'continue', 'rollback'] as const;

/** Both, where they are written. `start-first` needs whatever can be had twice at once. */
export function convertRollouts(
  conversion: Conversion,
  service: Raw,
  path: string,
): Pick<Service, 'update' | 'rollback'> {
  const { update_config: update, rollback_config: rollback } = rawOf(service.deploy);
  return {
    ...(update
      ? { update: rolloutOf(conversion, service, { raw: rawOf(update), path: `${path}.deploy.update_config` }) }
      : {}),
    ...(rollback
      ? { rollback: rolloutOf(conversion, service, { raw: rawOf(rollback), path: `${path}.deploy.rollback_config` }) }
      : {}),
  };
}

function rolloutOf(conversion: Conversion, service: Raw, { raw, path }: { raw: Raw; path: string }): Rollout {
  const order = textOr(raw.order, 'stop-first') as Rollout['order'];
  if (order === 'start-first') refuseSingles(conversion, service, path);
  const action = textOr(raw.failure_action, 'pause');
  const known = ACTIONS.find((name) => name === action);
  if (!known) {
    const hint = 'use pause, continue or rollback';
    conversion.report.error(`${path}.failure_action`, `"${action}" is no action`, hint);
  }
  return {
    parallelism: numberOr(raw.parallelism, 1),
    delayMs: durationOr(raw.delay, 0),
    monitorMs: durationOr(raw.monitor, 0),
    maxFailureRatio: numberOr(raw.max_failure_ratio, 0),
    failureAction: known ?? 'pause',
    order,
  };
}

/** What only one container can have keeps a second one from starting beside the first. */
function refuseSingles({ report }: Conversion, service: Raw, path: string): void {
  const single = ['ports', 'network_mode'].find((key) => service[key] !== undefined);
  if (single === undefined) return;
  report.error(
    `${path}.order`,
    `start-first can not be with \`${single}\`: old and new container would need the same one at once`,
    `use \`order: stop-first\`, or remove \`${single}\``,
  );
}
