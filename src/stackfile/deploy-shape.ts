/**
 * The shape of `deploy`. Compose Specification, deploy.
 */
import {
  attr,
  bytesText,
  count,
  duration,
  either,
  list,
  mapping,
  number,
  object,
  type Shape,
  text,
  words,
} from './shape.ts';

/** A request for devices of a driver: GPUs. */
export const devices = ({ required }: { readonly required: readonly string[] }): Shape =>
  object(
    {
      capabilities: attr('what they must be able to do', ['gpu'], list(text)),
      count: attr('how many; `all`', 1, either({ kind: 'number', whole: true, texts: true }, words('all')), 'all'),
      device_ids: attr('which ones', ['0'], list(text)),
      driver: attr('driver of the devices', 'nvidia', text),
      options: attr('options of the driver', { virtualization: 'false' }, mapping),
    },
    required,
  );

const generic = list(
  object({
    discrete_resource_spec: attr(
      'a resource that is counted',
      { kind: 'ssd', value: 1 },
      object({ kind: attr('its name', 'ssd', text), value: attr('how many', 1, number()) }),
    ),
  }),
);

const LIMITS: Readonly<Record<string, Shape>> = {
  cpus: attr('how many CPUs', '0.5', number()),
  memory: attr('how much memory', '512m', bytesText),
};

const resources = object({
  limits: attr(
    'what it may use at most',
    { cpus: '0.5', memory: '512m' },
    object({ ...LIMITS, pids: attr('processes it may have', 200, count()) }),
  ),
  reservations: attr(
    'what it is promised',
    { memory: '128m' },
    object({
      ...LIMITS,
      generic_resources: attr('resources of a Swarm', [{ discrete_resource_spec: { kind: 'ssd', value: 1 } }], generic),
      devices: attr('devices of a driver', [{ capabilities: ['gpu'] }], list(devices({ required: ['capabilities'] }))),
    }),
  ),
});

const rollout = object({
  parallelism: attr('how many at a time; 0 is all', 2, count(), 1),
  delay: attr('time between two', '10s', duration, '0s'),
  failure_action: attr('pause, continue or rollback', 'rollback', text, 'pause'),
  monitor: attr('time in which a new one may fail', '30s', duration, '5s'),
  max_failure_ratio: attr('share of failures that is fine', 0.2, number(), 0),
  order: attr('which comes first', 'start-first', words('start-first', 'stop-first'), 'stop-first'),
});

const restartPolicy = object({
  condition: attr('none, on-failure or any', 'on-failure', text, 'any'),
  delay: attr('time between two tries', '5s', duration, '0s'),
  max_attempts: attr('tries before it is given up', 3, count()),
  window: attr('time after which a try has succeeded', '60s', duration, '0s'),
});

const placement = object({
  constraints: attr('what a machine must be like', ['node.role==manager'], list(text)),
  preferences: attr(
    'what it had better be like',
    [{ spread: 'node.labels.zone' }],
    list(object({ spread: attr('label to spread over', 'node.labels.zone', text) })),
  ),
  max_replicas_per_node: attr('how many on one machine', 1, count()),
});

export const deploy = object({
  mode: attr('replicated: `replicas` of it; global: one on each machine', 'replicated', text, 'replicated'),
  endpoint_mode: attr('how its name is answered: vip or dnsrr', 'dnsrr', text),
  replicas: attr('how many containers', 3, count(), 1),
  labels: attr('labels of the service', { 'org.example.team': 'web' }, mapping),
  resources: attr('limits and promises', { limits: { memory: '512m' } }, resources),
  restart_policy: attr('when to start it again', { condition: 'on-failure' }, restartPolicy),
  update_config: attr('how it is replaced', { order: 'start-first' }, rollout),
  rollback_config: attr('how a replacement is taken back', { parallelism: 1 }, rollout),
  placement: attr('on which machines', { constraints: ['node.role==manager'] }, placement),
});
