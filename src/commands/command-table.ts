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
  watch: () => import('./watch.ts'),
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
  export: () => import('./export.ts'),
  commit: () => import('./commit.ts'),
  images: () => import('./images.ts'),
  ls: () => import('./ls.ts'),
  events: () => import('./events.ts'),
  why: () => import('./why.ts'),
  config: () => import('./config.ts'),
  /* Its old name. */
  convert: () => import('./config.ts'),
  lint: () => import('./lint.ts'),
  init: () => import('./init.ts'),
  pull: () => import('./pull.ts'),
  push: () => import('./push.ts'),
  save: () => import('./image/save.ts'),
  load: () => import('./image/load.ts'),
  tag: () => import('./image/tag.ts'),
  rmi: () => import('./image/rm.ts'),
  history: () => import('./image/history.ts'),
  login: () => import('./login.ts'),
  logout: () => import('./logout.ts'),
  search: () => import('./search.ts'),
  tags: () => import('./tags.ts'),
  doctor: () => import('./doctor.ts'),
  info: () => import('./info.ts'),
  version: () => import('./version.ts'),
  completion: () => import('./completion.ts'),
  'network ls': () => import('./network/ls.ts'),
  'network create': () => import('./network/create.ts'),
  'network rm': () => import('./network/rm.ts'),
  'network inspect': () => import('./network/inspect.ts'),
  'network prune': () => import('./network/prune.ts'),
  'network connect': () => import('./network/connect.ts'),
  'network disconnect': () => import('./network/disconnect.ts'),
  'container run': () => import('./container/run.ts'),
  'container create': () => import('./container/create.ts'),
  'container ls': () => import('./container/ls.ts'),
  'container start': () => import('./container/start.ts'),
  'container stop': () => import('./container/stop.ts'),
  'container restart': () => import('./container/restart.ts'),
  'container kill': () => import('./container/kill.ts'),
  'container rm': () => import('./container/rm.ts'),
  'container pause': () => import('./container/pause.ts'),
  'container unpause': () => import('./container/unpause.ts'),
  'container wait': () => import('./container/wait.ts'),
  'container logs': () => import('./container/logs.ts'),
  'container exec': () => import('./container/exec.ts'),
  'container attach': () => import('./container/attach.ts'),
  'container inspect': () => import('./container/inspect.ts'),
  'container diff': () => import('./container/diff.ts'),
  'container rename': () => import('./container/rename.ts'),
  'container update': () => import('./container/update.ts'),
  'container port': () => import('./container/port.ts'),
  'container top': () => import('./container/top.ts'),
  'container stats': () => import('./container/stats.ts'),
  'container prune': () => import('./container/prune.ts'),
  'container export': () => import('./container/export.ts'),
  'container commit': () => import('./container/commit.ts'),
  'container ps': () => import('./container/ls.ts'),
  'engine status': () => import('./engine/status.ts'),
  'engine install': () => import('./engine/install.ts'),
  'engine uninstall': () => import('./engine/uninstall.ts'),
  'engine stop': () => import('./engine/stop.ts'),
  cp: () => import('./cp.ts'),
  volumes: () => import('./volumes.ts'),
  'volume ls': () => import('./volume/ls.ts'),
  'volume create': () => import('./volume/create.ts'),
  'volume rm': () => import('./volume/rm.ts'),
  'volume inspect': () => import('./volume/inspect.ts'),
  'volume prune': () => import('./volume/prune.ts'),
  'volume export': () => import('./volume/export.ts'),
  'volume import': () => import('./volume/import.ts'),
  build: () => import('./build.ts'),
  'builder ls': () => import('./builder/ls.ts'),
  'builder prune': () => import('./builder/prune.ts'),
  'image build': () => import('./image/build.ts'),
  'image import': () => import('./image/import.ts'),
  'image pull': () => import('./image/pull.ts'),
  'image push': () => import('./image/push.ts'),
  'image tag': () => import('./image/tag.ts'),
  'image history': () => import('./image/history.ts'),
  'image save': () => import('./image/save.ts'),
  'image load': () => import('./image/load.ts'),
  'image prune': () => import('./image/prune.ts'),
  'system df': () => import('./system/df.ts'),
  'system prune': () => import('./system/prune.ts'),
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
  container: 'containers by name, of stacks and without a stack file',
  engine: "the engine's process",
  builder: 'the cache of builds',
  image: 'images of this machine',
  system: 'the disk that all of it takes',
  volume: 'volumes of this machine',
  network: 'networks, and which containers are on them',
};

/** The class of a command of the table. */
export async function loadCommand(id: string): Promise<CommandClass> {
  const loaded = await COMMANDS[id]!();
  const command = loaded.default as CommandClass;
  command.id = id.replace(' ', ':');
  return command;
}
