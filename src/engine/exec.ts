/**
 * `exec`: a further process in a running container.
 */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { ExecSpec } from '../runtime/spec.ts';
import { recordByName, recordOfService } from './choose-containers.ts';
import { containerCgroup } from './container-paths.ts';
import type { ExecRequest, Session } from './engine.ts';
import { execProcessOf } from './exec-process.ts';
import type { ContainerRecord } from './records.ts';
import { detachedSession, sessionOf } from './session.ts';
import { securityOption } from './translate-process.ts';
import { liveOf, type World } from './world.ts';

export async function execInContainer(world: World, request: ExecRequest): Promise<Session> {
  const { container, stack, service, index } = request;
  const record = container ? recordByName(world, container) : recordOfService(world, stack, service, index);
  const named = container ? `container ${record.name}` : `service ${record.service}`;
  const { running, state } = liveOf(world, record.id);
  if (!running) throw notRunning(named, state);
  if (state === 'paused') throw paused(named);
  const id = newId();
  const stateDir = join(world.roots.run, 'e', id.slice(0, 16));
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const removeFolder = () => rm(stateDir, { recursive: true, force: true });
  try {
    const exec = await world.runtime.exec(running, await specOf(world, request, { record, id, stateDir }));
    if (exec.attach) {
      return sessionOf({
        id,
        name: record.name,
        stdin: request.stdin,
        terminal: request.terminal !== null,
        attach: exec.attach,
        started: exec.started,
        exited: exec.exited,
        cleanUp: removeFolder,
      });
    }
    await exec.started;
    void exec.exited.finally(removeFolder);
    return detachedSession(id, record.name);
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

type Target = { readonly record: ContainerRecord; readonly id: string; readonly stateDir: string };

async function specOf(world: World, request: ExecRequest, { record, id, stateDir }: Target): Promise<ExecSpec> {
  const { command, env, user, workingDir, privileged, terminal, stdin, detach } = request;
  const open =
    privileged || record.definition.privileged || securityOption(record.definition, 'seccomp') === 'unconfined';
  return {
    id,
    stateDir,
    process: await execProcessOf(world, record, { argv: command, env, user, workingDir, privileged, terminal }),
    seccomp: open ? 'unconfined' : 'default',
    stdin: stdin && !detach ? 'once' : 'null',
    awaitAttach: !detach,
    cgroup: containerCgroup(world.parentCgroup, record.id),
  };
}

function paused(named: string): BerthError {
  return new BerthError('CONTAINER_NOT_RUNNING', `${named} is paused: nothing can run in it`, {
    hint: 'let it go on with `berth unpause`, or `berth container unpause`',
  });
}

/** `service web`, `container quiet_otter`. */
function notRunning(named: string, state: string): BerthError {
  const [kind, name] = named.split(' ');
  const group = kind === 'container' ? 'container ' : '';
  return new BerthError('CONTAINER_NOT_RUNNING', `${named} does not run: it is ${state}`, {
    hint: `start it with \`berth ${group}start ${name}\`, or look at \`berth ${group}logs ${name}\``,
  });
}
