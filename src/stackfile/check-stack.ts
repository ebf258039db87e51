/**
 * What can only be checked when all services are known: names that are referred to, cycles, ports that meet.
 */
import { nearest } from '../base/nearest.ts';
import { findCycle } from '../model/graph.ts';
import type { Service } from '../model/stack.ts';
import { checkPorts } from './check-ports.ts';
import { type Conversion, type Raw, rawOf, textList } from './conversion.ts';
import { isMap } from './tree.ts';

export type StackCheck = {
  readonly services: readonly Service[];
  readonly conversion: Conversion;
};

export function checkStack(check: StackCheck): void {
  for (const service of check.services) {
    checkImage(check, service);
    checkDependencies(check, service);
    checkReplicas(check, service);
  }
  checkCycles(check);
  checkContainerNames(check);
  checkPorts(check.conversion, check.services);
}

/** As it is written: an image of the wrong kind has been told about. */
function checkImage({ conversion: { written, report } }: StackCheck, { name }: Service): void {
  const raw = servicesOf(written)[name];
  if (raw !== null && (!isMap(raw) || SOURCES.some((key) => Object.hasOwn(raw, key)))) return;
  report.errorAtKey(
    `services.${name}`,
    `service ${name} needs \`image\``,
    '`image: host` runs programs of this machine',
  );
}

const SOURCES = ['image', 'build', 'extends', 'provider'];

function servicesOf({ services }: Raw): Raw {
  return isMap(services) ? services : {};
}

function checkDependencies({ services, conversion }: StackCheck, service: Service): void {
  const { report } = conversion;
  const all = servicesOf(conversion.written);
  const names = services.map((s) => s.name);
  for (const { service: needed, required } of service.dependsOn) {
    if (names.includes(needed) || !required) continue;
    const path = dependencyPath(all, service.name, needed);
    if (Object.hasOwn(all, needed)) {
      report.error(
        path,
        `service ${service.name} needs ${needed}, whose profiles are off`,
        `switch one on with --profile ${textList(rawOf(all[needed]).profiles)[0]}`,
      );
    } else {
      const near = nearest(needed, Object.keys(all));
      report.error(
        path,
        `service ${service.name} needs ${needed}, which does not exist`,
        near ? `did you mean ${near}?` : `the services are ${Object.keys(all).join(', ')}`,
      );
    }
  }
}

function dependencyPath(all: Raw, service: string, needed: string): string {
  const written = rawOf(all[service]).depends_on;
  const index = Array.isArray(written) ? written.indexOf(needed) : -1;
  if (index >= 0) return `services.${service}.depends_on[${index}]`;
  const mode = ['network_mode', 'pid', 'ipc'].find((key) => rawOf(all[service])[key] === `service:${needed}`);
  return mode ? `services.${service}.${mode}` : `services.${service}.depends_on.${needed}`;
}

function checkReplicas({ conversion: { report } }: StackCheck, { name, containerName, replicas }: Service): void {
  if (containerName === null || replicas <= 1) return;
  report.error(
    `services.${name}.container_name`,
    `service ${name} has ${replicas} replicas, which can not share one container_name`,
    'remove container_name',
  );
}

function checkCycles({ services, conversion: { report, written } }: StackCheck): void {
  const cycle = findCycle(services.map((s) => ({ name: s.name, after: s.dependsOn.map((d) => d.service) })));
  if (!cycle) return;
  report.error(
    dependencyPath(servicesOf(written), cycle[0]!, cycle[1] ?? cycle[0]!),
    `services depend on each other in a circle: ${[...cycle, cycle[0]].join(' -> ')}`,
    'remove one of these dependencies',
  );
}

/** A name is of one container on the whole machine. */
function checkContainerNames({ services, conversion: { report } }: StackCheck): void {
  const owners = new Map<string, string>();
  for (const { name, containerName } of services) {
    if (containerName === null) continue;
    const other = owners.get(containerName);
    const message = `services ${other} and ${name} have the same container_name ${containerName}`;
    if (other !== undefined) report.error(`services.${name}.container_name`, message, 'give each its own');
    owners.set(containerName, name);
  }
}
