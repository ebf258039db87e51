/**
 * Every command by the words a person types; loaded when it is used.
 */
import type { Command } from '@oclif/core/command';
import type { BerthCommand } from './berth-command.ts';

export type CommandClass = Omit<typeof Command, 'prototype'> & {
  new (argv: string[], config: Command['config']): BerthCommand;
};

type Loader = () => Promise<{ readonly default: unknown }>;

export const COMMANDS: Readonly<Record<string, Loader>> = {
  up: () => import('./up.ts'),
  down: () => import('./down.ts'),
  plan: () => import('./plan.ts'),
  ps: () => import('./ps.ts'),
  logs: () => import('./logs.ts'),
  exec: () => import('./exec.ts'),
  run: () => import('./run.ts'),
  stop: () => import('./stop.ts'),
  start: () => import('./start.ts'),
  restart: () => import('./restart.ts'),
  kill: () => import('./kill.ts'),
  create: () => import('./create.ts'),
  scale: () => import('./scale.ts'),
  pause: () => import('./pause.ts'),
  unpause: () => import('./unpause.ts'),
  rm: () => import('./rm.ts'),
  attach: () => import('./attach.ts'),
  wait: () => import('./wait.ts'),
  top: () => import('./top.ts'),
  stats: () => import('./stats.ts'),
  port: () => import('./port.ts'),
  images: () => import('./images.ts'),
  ls: () => import('./ls.ts'),
  events: () => import('./events.ts'),
  why: () => import('./why.ts'),
  config: () => import('./config.ts'),
  lint: () => import('./lint.ts'),
  init: () => import('./init.ts'),
  doctor: () => import('./doctor.ts'),
  version: () => import('./version.ts'),
  completion: () => import('./completion.ts'),
  'engine status': () => import('./engine/status.ts'),
  'engine stop': () => import('./engine/stop.ts'),
  'image import': () => import('./image/import.ts'),
  'image ls': () => import('./image/ls.ts'),
  'image rm': () => import('./image/rm.ts'),
  'image inspect': () => import('./image/inspect.ts'),
};

/** Commands behind whose first argument everything belongs to a program. */
export const PASSES_ARGUMENTS: ReadonlySet<string> = new Set([
  'exec',
  'run',
  'container exec',
  'container run',
  'container create',
]);

/** Words that only lead to others. */
export const TOPICS: Readonly<Record<string, string>> = {
  engine: "the engine's process",
  image: 'images of this machine',
};

/** The class of a command of the table. */
export async function loadCommand(id: string): Promise<CommandClass> {
  const loaded = await COMMANDS[id]!();
  const command = loaded.default as CommandClass;
  command.id = id.replace(' ', ':');
  return command;
}
