/**
 * Watching of files beside an attached `up`: on with --watch, off and on with a key, its lines between those of the logs.
 */
import type { Engine } from '../engine/engine.ts';
import type { WatchRequest } from '../engine/watching/watch-calls.ts';
import { followWatch, type WatchFollowing } from './follow-watch.ts';
import { noteLine } from './output.ts';
import { watchSummary } from './watch-lines.ts';

export type WatchSwitch = {
  isOn(): boolean;
  /** What --watch asks for; without it nothing. */
  begin(): Promise<void>;
  toggle(): Promise<void>;
  end(): Promise<void>;
  /** Prints what is done, until the signal. */
  show(signal: AbortSignal): Promise<void>;
};

export type WatchSwitchOptions = {
  readonly engine: () => Promise<Engine>;
  readonly request: () => WatchRequest;
  readonly onStackFile: WatchFollowing['onStackFile'];
  /** From the beginning. */
  readonly wanted: boolean;
};

export function watchSwitch({ engine, request, onStackFile, wanted }: WatchSwitchOptions): WatchSwitch {
  const { name } = request().stack;
  const sinceMs = Date.now();
  let isOn = wanted;

  const begin = async () => {
    noteLine(watchSummary(await (await engine()).watchStart(request())));
    isOn = true;
  };
  const end = async () => {
    if (!isOn) return;
    isOn = false;
    await (await engine()).watchEnd(name);
  };
  return {
    isOn: () => isOn,
    begin: async () => (wanted ? await begin() : undefined),
    async toggle() {
      try {
        if (isOn) await end().then(() => noteLine('files are no longer watched'));
        else await begin();
      } catch (error) {
        noteLine(error instanceof Error ? error.message : String(error));
      }
    },
    end,
    show: (signal) => followWatch(engine, { stack: name, sinceMs, signal, onStackFile }),
  };
}
