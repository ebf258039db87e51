/**
 * `exec`: a further process in a running container.
 */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { ExecSpec } from '../runtime/spec.ts';
import { containerCgroup } from './container-paths.ts';
import type { ExecRequest, Session } from './engine.ts';
import { execProcessOf } from './exec-process.ts';
import { recordsOf } from './observe.ts';
import type { ContainerRecord } from './records.ts';
import { detachedSession, sessionOf } from './session.ts';
import { securityOption } from './translate-process.ts';
import { liveOf, type World } from './world.ts';

export async function execInContainer(world: World, request: ExecRequest): Promise<Session> {
  const record = findTarget(world, request);
  const running = liveOf(world, record.id).running;
  if (!running) throw notRunning(record.service, `it is ${liveOf(world, record.id).state}`);
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

function findTarget(world: World, request: ExecRequest): ContainerRecord {
  const records = recordsOf(world, request.stack);
  if (records.length === 0) {
    throw new BerthError('STACK_NOT_FOUND', `stack ${request.stack} has no containers`, {
      hint: 'start it with `berth up -d`',
    });
  }
  const own = records.filter((r) => r.service === request.service && !r.oneOff);
  if (own.length === 0) throw unknownService(request.service, records);
  const record = own.find((r) => r.replica === request.index);
  if (record) return record;
  throw new BerthError('CONTAINER_NOT_FOUND', `service ${request.service} has no replica ${request.index}`, {
    hint: `it has ${own.map((r) => r.replica).join(', ')}: choose one with --index`,
  });
}

function unknownService(service: string, records: readonly ContainerRecord[]): BerthError {
  const known = [...new Set(records.map((r) => r.service))].join(', ');
  return new BerthError('SERVICE_NOT_FOUND', `the stack has no service ${service}`, { hint: `it has ${known}` });
}

function notRunning(service: string, why: string): BerthError {
  return new BerthError('CONTAINER_NOT_RUNNING', `service ${service} does not run: ${why}`, {
    hint: `start it with \`berth start ${service}\`, or look at \`berth logs ${service}\``,
  });
}
