/** Values for tests: a service with every default, a stack of such, containers as observed. */
import type { ObservedContainer } from '../src/engine/observed.ts';
import type { ContainerRecord } from '../src/engine/records.ts';
import { DEFAULT_NETWORK_OPTIONS } from '../src/model/network-options.ts';
import type { Dependency, Service, Stack, StackNetwork } from '../src/model/stack.ts';

export function service(name: string, changes: Partial<Service> = {}): Service {
  return {
    name,
    image: 'host',
    command: ['sleep', '100'],
    entrypoint: null,
    environment: {},
    workingDir: null,
    user: null,
    groupAdd: [],
    hostname: null,
    domainname: null,
    containerName: null,
    labels: {},
    mounts: [],
    volumesFrom: [],
    volumesOwner: null,
    ports: [],
    expose: [],
    networkMode: { kind: 'networks' },
    networks: [
      {
        network: 'default',
        aliases: [],
        ipv4Address: null,
        ipv6Address: null,
        linkLocalIps: [],
        sysctls: {},
        macAddress: null,
        priority: 0,
        gwPriority: 0,
        interfaceName: null,
      },
    ],
    links: [],
    externalLinks: [],
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    extraHosts: {},
    dependsOn: [],
    healthcheck: null,
    restart: { kind: 'no' },
    restartUnhealthy: false,
    ready: null,
    preStart: [],
    postStart: [],
    preStop: [],
    init: true,
    tty: false,
    stdinOpen: false,
    capAdd: [],
    capDrop: [],
    privileged: false,
    readOnly: false,
    securityOpt: [],
    devices: [],
    deviceRules: [],
    sysctls: {},
    ulimits: {},
    shmSizeBytes: null,
    ipcMode: { kind: 'private' },
    pidMode: { kind: 'private' },
    utsMode: 'private',
    resources: {
      cpuMillis: null,
      cpuShares: null,
      cpuQuotaUs: null,
      cpuPeriodUs: null,
      cpuset: null,
      memoryBytes: null,
      memoryReservationBytes: null,
      memorySwapBytes: null,
      memorySwappiness: null,
      pids: null,
    },
    oomScoreAdj: null,
    replicas: 1,
    stopSignal: null,
    stopGraceMs: null,
    profiles: [],
    attach: true,
    build: null,
    pullPolicy: null,
    ...changes,
  };
}

export function needs(name: string, condition: Dependency['condition'] = 'service_started'): Dependency {
  return { service: name, condition, restart: false, required: true };
}

export function network(key: string, changes: Partial<StackNetwork> = {}): StackNetwork {
  return {
    key,
    name: `shop_${key}`,
    external: false,
    driver: 'bridge',
    internal: false,
    attachable: false,
    enableIPv4: true,
    enableIPv6: false,
    subnets: [],
    options: DEFAULT_NETWORK_OPTIONS,
    labels: {},
    ...changes,
  };
}

export function stackOf(...services: Service[]): Stack {
  return {
    name: 'shop',
    projectDir: '/srv/shop',
    files: ['/srv/shop/stack.yaml'],
    services,
    networks: [network('default')],
    volumes: [],
  };
}

export function running(of: Service, changes: Partial<ObservedContainer> = {}): ObservedContainer {
  const replica = changes.replica ?? 1;
  return {
    id: `${of.name}-${replica}`,
    name: `shop-${of.name}-${replica}`,
    service: of.name,
    replica,
    oneOff: false,
    definition: of,
    imageId: 'sha256:host',
    state: 'running',
    health: '',
    exitCode: null,
    completedAt: null,
    networks: ['shop_default'],
    ...changes,
  };
}

export function containerRecord(changes: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    id: 'c1',
    name: 'shop-web-1',
    stack: 'shop',
    service: 'web',
    replica: 1,
    oneOff: false,
    definition: service('web'),
    image: { id: 'sha256:host', reference: 'host' },
    attachments: [],
    publishes: [],
    anonymousVolumes: {},
    createdAt: '2026-01-01T00:00:00.000Z',
    desired: 'running',
    startedOnce: true,
    restarts: 0,
    exit: null,
    ...changes,
  };
}
