/**
 * Runs a call of the engine with progress on stderr: live in a terminal, plain lines elsewhere, none when quiet.
 *
 * `--progress` (COMPOSE_PROGRESS) chooses one of them by name, or events as JSON lines; COMPOSE_STATUS_STDOUT puts
 * lines on stdout.
 */
import { BerthError } from '../base/errors.ts';
import type { EngineEvent, Watch } from '../engine/engine.ts';
import { type BuildProgress, liveBuildProgress, plainBuildProgress } from './build-progress.ts';
import { ansiOf } from './colors.ts';
import { noteLine, printLine } from './output.ts';
import { plainProgress } from './plain-progress.ts';

export type ProgressOptions = {
  readonly signal?: AbortSignal;
  readonly quiet?: boolean;
  /** Steps without how far they are. */
  readonly terse?: boolean;
};

/** Resolves as the call does, when the last line has been drawn. */
export async function showProgress<T>(options: ProgressOptions, asked: (watch: Watch) => Promise<T>): Promise<T> {
  const { signal, quiet } = options;
  const call = options.terse ? (watch: Watch) => asked(withoutDetails(watch)) : asked;
  const form = quiet ? 'quiet' : progressForm();
  if (form === 'quiet') return await call({ signal });
  const write = /^(1|t|true|y|yes|on)$/i.test(process.env.COMPOSE_STATUS_STDOUT ?? '') ? printLine : noteLine;
  if (form === 'plain') {
    const plain = plainProgress(write);
    const builds = plainBuildProgress(write);
    const onEvent = (event: EngineEvent) => (event.type === 'build' ? builds.onEvent(event.event) : plain(event));
    return await call({ signal, onEvent });
  }
  if (form === 'json') return await call({ signal, onEvent: (event) => write(JSON.stringify(event)) });
  const { liveProgress } = await import('./live-progress.ts');
  const progress = liveProgress();
  let builds: BuildProgress | undefined;
  try {
    const onEvent = (event: EngineEvent) => {
      if (event.type === 'build') {
        builds ??= liveBuildProgress(signal);
        return builds.onEvent(event.event);
      }
      /* Builds come first; a plan's own list is drawn below them. */
      builds?.end();
      builds = undefined;
      return progress.onEvent(event);
    };
    return await call({ signal, onEvent });
  } finally {
    builds?.end();
    await progress.end();
  }
}

function withoutDetails({ onEvent, ...watch }: Watch): Watch {
  return { ...watch, onEvent: (event) => (event.type === 'step-progress' ? undefined : onEvent?.(event)) };
}

type Form = 'tty' | 'plain' | 'json' | 'quiet';

function progressForm(): Form {
  const word = process.env.COMPOSE_PROGRESS || 'auto';
  if (word === 'tty' || word === 'plain' || word === 'json' || word === 'quiet') return word;
  if (word === 'rawjson') return 'json';
  if (word !== 'auto') {
    throw new BerthError('USAGE', `--progress (COMPOSE_PROGRESS) is ${word}`, {
      hint: 'it is auto, tty, plain, json or quiet',
    });
  }
  return process.stderr.isTTY && process.env.TERM !== 'dumb' && ansiOf() !== 'never' ? 'tty' : 'plain';
}
