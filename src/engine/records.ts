/**
 * What the engine remembers on disk, one file per object.
 *
 * Owns the shapes and their schema versions. Addresses, ports and leases are
 * derived from container records; there is no second database. What can be
 * asked of the kernel or of a monitor is not in here.
 */

import type { Healthcheck } from '../model/healthcheck.ts';
import type {
  Link,
  MacvlanMode,
  Mount,
  NetworkDefinition,
  NetworkSubnet,
  Positions,
  Service,
  Stack,
} from '../model/stack.ts';
import type { PublishSpec } from '../network/network.ts';
import type { ExitRecord } from '../runtime/spec.ts';
import type { Retries } from './supervise.ts';
import type { WatchRequest } from './watching/watch-calls.ts';

export const RECORD_SCHEMA = 1;

export type ContainerRecord = {
  readonly id: string;
  /** `STACK-SERVICE-REPLICA` unless container_name says otherwise. */
  readonly name: string;
  readonly stack: string;
  readonly service: string;
  readonly replica: number;
  /** A `berth run` container: not counted as a replica. */
  readonly oneOff: boolean;
  /** It goes by itself when it has ended for good. */
  readonly autoRemove?: boolean;
  /** The service as it was when this container was made or last updated. */
  readonly definition: Service;
  readonly image: { readonly id: string; readonly reference: string };
  /** The health check of its image; absent: it has none. */
  readonly imageHealth?: Healthcheck;
  /** The image's STOPSIGNAL; absent: it has none. */
  readonly imageStopSignal?: string;
  readonly attachments: readonly Attachment[];
  readonly publishes: readonly PublishSpec[];
  /** Volume names of the anonymous volumes, by mount target. */
  readonly anonymousVolumes: Readonly<Record<string, string>>;
  /** Mounts it has from others (volumes_from); absent in records of earlier versions. */
  readonly inherited?: readonly InheritedMount[];
  readonly createdAt: string;
  /** Its log lies with its service's and outlives it; absent: beside its other files. */
  readonly keepsLog?: true;
  /** What the person asked for last; restart policies work only towards `running`. */
  readonly desired: 'running' | 'stopped';
  readonly startedOnce: boolean;
  readonly restarts: number;
  /** Absent: it has not been restarted since somebody asked for a start. */
  readonly retries?: Retries;
  readonly exit: ExitRecord | null;
  /** Its last run did its work: an unchanged `up` does not repeat it. */
  readonly completed?: Completion;
  /** The run (pid and start time) that was seen to be ready; absent: none. */
  readonly readyRun?: string;
  /** What of pre_start has succeeded: hook and definition, hashed. */
  readonly hooksDone?: readonly string[];
};

/** `at`: when it ended; `sure`: the end of the machine's run can not have been the cause. */
export type Completion = { readonly at: string; readonly sure: boolean };

/** A mount as another container has it; `volume`: name on this machine. */
export type InheritedMount = { readonly mount: Mount; readonly volume: string | null };

/** One end of a container on one network. */
export type Attachment = {
  readonly network: string;
  /** Interface name of the network's bridge; of a macvlan, which has none, still the network's sign. */
  readonly bridge: string;
  readonly macvlan: { readonly parent: string; readonly mode: MacvlanMode } | null;
  /** Of version 4 and 6; null where the network has none. */
  readonly address: string | null;
  readonly prefix: number;
  readonly address6: string | null;
  readonly prefix6: number;
  /** With prefix length: further addresses that nobody routes to. */
  readonly linkLocal: readonly string[];
  /** Default route by this network; null: another one is the way out, or there is none. */
  readonly gateway: string | null;
  readonly gateway6: string | null;
  /** Where the engine answers names on this network; null: nowhere. */
  readonly resolver: string | null;
  readonly mac: string;
  readonly mtu: number;
  readonly interfaceName: string;
  /** Containers of the network do not reach each other. */
  readonly isolated: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Lower case, without the container's own and the service's name. */
  readonly aliases: readonly string[];
  /** Made by `network connect`: no wish of the stack file. */
  readonly byHand: boolean;
  readonly gwPriority: number;
  /** What this container alone calls others of this network: by `network connect --link`. */
  readonly links: readonly Link[];
};

export type NetworkRecord = {
  readonly id: string;
  readonly name: string;
  /** Empty: made by `network create`. */
  readonly stack: string;
  readonly key: string;
  readonly bridge: string;
  /** What was asked for. */
  readonly definition: NetworkDefinition;
  /** What it got: those asked for, with their gateways, and those that berth chose. */
  readonly subnets: readonly RecordedSubnet[];
  readonly mtu: number;
  readonly createdAt: string;
};

export type RecordedSubnet = NetworkSubnet & { readonly gateway: string };

/** The last stack that up() was asked for, so that start, restart and recovery need no file. */
export type StackRecord = { readonly stack: Stack; readonly positions: Positions; readonly volumes: readonly string[] };

/** What is watched for a stack. Builds and secrets are not in it: they are kept in memory only (secret-store.ts). */
export type WatchRecord = Omit<WatchRequest, 'builds' | 'secrets'> & { readonly since: string };

/** How far watching has got, by service: what a new engine has to go on with. */
export type WatchState = Readonly<Record<string, ServiceWatchState>>;

export type ServiceWatchState = {
  /** Changes before then have been acted on; milliseconds since 1970. */
  readonly settledMs: number;
  /** An action is under way, was cut short, or failed: the next one does it again, whatever state it left. */
  readonly unfinished: boolean;
  /** Rules that were ended, by their paths, and why. */
  readonly ended: Readonly<Record<string, string>>;
};
