/**
 * One fact that happened, as data, with what caused it.
 *
 * Actions of containers carry Docker's words (`create`, `start`, `die`, `kill`,
 * `oom`, `health_status: healthy`, `destroy` ...), so that scripts that read
 * `docker events` find what they know.
 */

export type EventType = 'command' | 'container' | 'service' | 'network' | 'volume' | 'engine' | 'watch';

export type HistoryEvent = {
  /** Counts up over the whole life of the data root: also the order of things. */
  readonly id: number;
  /** ISO 8601, milliseconds. */
  readonly time: string;
  readonly type: EventType;
  readonly action: string;
  /** Empty: of no stack. */
  readonly stack: string;
  readonly service: string;
  /** 0: no replica (a service, a network, a one-off container). */
  readonly replica: number;
  /** Id and name of the container, or the name of the network or volume. */
  readonly actor: { readonly id: string; readonly name: string };
  /** In words, down to the field and its file:line. */
  readonly why: string;
  /** Id of the event without which this one would not be; null: from outside, or not known. */
  readonly cause: number | null;
  /** Ids of events that had to come first. */
  readonly after: readonly number[];
  /** `exitCode`, `signal`, `image`, `output` ...; never a secret. */
  readonly attributes: Readonly<Record<string, string>>;
};

/** What the reporter of a fact has to say; the rest is filled in. */
export type NewEvent = Pick<HistoryEvent, 'type' | 'action' | 'why'> & Partial<Omit<HistoryEvent, 'id' | 'time'>>;

/** Who asked for something: the command, and who typed it. */
export type Caller = {
  /** `berth up -d web`, without values that could be secret. */
  readonly command: string;
  readonly pid: number;
  readonly user: string;
};

/** `` `berth up` by sam (pid 4711)``. */
export function callerText(by: Caller | undefined, action: string): string {
  return by ? `\`${by.command}\` by ${by.user} (pid ${by.pid})` : `${action} by the engine's API`;
}
