/**
 * The snapshot that reconcile compares a stack with.
 *
 * Data only: what every driver and record said at one moment.
 */
import type { Service } from '../model/stack.ts';
import type { ContainerState } from './answers.ts';
import type { NetworkRecord } from './records.ts';

export type ObservedContainer = {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly replica: number;
  readonly oneOff: boolean;
  readonly definition: Service;
  readonly imageId: string;
  readonly state: ContainerState;
  readonly health: '' | 'starting' | 'healthy' | 'unhealthy';
  /** Of the last run; null: never ended, or not known. */
  readonly exitCode: number | null;
  /** When its last run did its work; null: it did not. */
  readonly completedAt: string | null;
  /** Names of the networks it is attached to. */
  readonly networks: readonly string[];
};

export type Observed = {
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly NetworkRecord[];
  /** Names of all volumes on this machine. */
  readonly volumes: ReadonlySet<string>;
};
