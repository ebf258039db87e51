/**
 * How far a log has been sent: handed over, and so long ago that a break would have been seen.
 */
import type { LogPlace } from '../../../logs/log-place.ts';

/** What was handed over within it may be lost when the connection breaks. */
const DOUBT_MS = 1000;

export type Progress = {
  /** All before `place` has been handed over. */
  reach(place: LogPlace): void;
  reached(): LogPlace;
  /** Where to begin after a break. */
  safe(): LogPlace;
  close(): Promise<void>;
};

/** `save` is called now and then with a safe place, one call at a time. */
export function progressFrom(place: LogPlace, save: (place: LogPlace) => Promise<void>): Progress {
  let safe = place;
  let saved = place;
  let doubted: { readonly place: LogPlace; readonly atMs: number }[] = [];
  let saving = Promise.resolve();

  const settle = () => {
    const sure = doubted.filter(({ atMs }) => atMs < Date.now() - DOUBT_MS);
    safe = sure.at(-1)?.place ?? safe;
    doubted = doubted.slice(sure.length);
  };
  const timer = setInterval(() => {
    settle();
    if (safe === saved) return;
    saved = safe;
    saving = saving.then(() => save(safe)).catch(() => {});
  }, DOUBT_MS);
  timer.unref();

  return {
    reach(next) {
      settle();
      /* One every tenth of the time is enough. */
      const last = doubted.at(-1);
      const isClose = last !== undefined && Date.now() - last.atMs < DOUBT_MS / 10;
      if (isClose) doubted = doubted.slice(0, -1);
      doubted.push({ place: next, atMs: isClose ? last.atMs : Date.now() });
    },
    reached: () => doubted.at(-1)?.place ?? safe,
    safe() {
      settle();
      doubted = [];
      return safe;
    },
    async close() {
      clearInterval(timer);
      settle();
      await saving;
      if (safe !== saved) await save(safe);
    },
  };
}
