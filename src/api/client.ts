/**
 * `Engine` over the unix socket: a command can not tell it from the one in the engine's process.
 */
import { createInterface } from 'node:readline';
import type { Engine, EventsRequest, Watch } from '../engine/engine.ts';
import type { Caller, HistoryEvent } from '../engine/history/event.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { openSession } from './client-session.ts';
import { copyClient } from './copy-client.ts';
import { imageClient } from './image-client.ts';
import { readLogs } from './log-client.ts';
import { networkClient } from './network-client.ts';
import { queryOf, stackPath } from './query.ts';
import { readEvents } from './read-events.ts';
import { type Ask, askJson, openAnswer } from './request.ts';

/** `by`: who asks, for the engine's event log. */
export function engineClient(socketPath: string, by?: Caller): Engine {
  const get = <T>(path: string, signal?: AbortSignal) => askJson<T>(socketPath, { method: 'GET', path, signal });
  const post = <T>(path: string, json: unknown, signal?: AbortSignal) =>
    askJson<T>(socketPath, { method: 'POST', path, json, signal });
  const watched = async <T>(ask: Ask, watch?: Watch) =>
    await readEvents<T>(await openAnswer(socketPath, { ...ask, signal: watch?.signal }), watch);
  const act = <T>(action: string, request: { readonly stack: string }, watch?: Watch) =>
    watched<T>({ method: 'POST', path: stackPath(request.stack, action), json: { ...request, by } }, watch);

  const env = userEnvironment(process.env);

  return {
    ...copyClient(socketPath),
    status: () => get('/v1/status'),
    stop: () => post('/v1/stop', {}),
    doctor: () => get('/v1/doctor'),
    plan: (request) => post('/v1/plan', request),
    upAgain: (request) => post('/v1/up-again', { ...request, by }),
    up: (request, watch) => watched({ method: 'POST', path: '/v1/up', json: { ...request, by, env } }, watch),
    down: (request, watch) => act('down', request, watch),
    start: (request, watch) => act('start', request, watch),
    stopServices: (request, watch) => act('stop', request, watch),
    restart: (request, watch) => act('restart', request, watch),
    pause: (request, watch) => act('pause', request, watch),
    unpause: (request, watch) => act('unpause', request, watch),
    remove: (request, watch) => act('remove', request, watch),
    kill: (request) => post(stackPath(request.stack, 'kill'), { ...request, by }),
    stacks: () => get('/v1/stacks'),
    containers: ({ services, names, ...filter }) =>
      get(`/v1/containers?${queryOf({ ...filter, service: services, name: names })}`),
    waitExit: (request, signal) => post('/v1/containers/wait', request, signal),
    attach: (request) => openSession(socketPath, '/v1/attach', request),
    startAttached: (request) => openSession(socketPath, '/v1/start-attached', { ...request, by }),
    inspectContainers: (names) => post('/v1/containers/inspect', names),
    renameContainer: (request) => post('/v1/containers/rename', request),
    updateContainers: (request) => post('/v1/containers/update', { ...request, by }),
    commitContainer: (request) => post('/v1/containers/commit', request),
    containerChanges: (name) => post('/v1/containers/changes', name),
    containerSizes: (names) => post('/v1/containers/sizes', names),
    processes: (request) => post('/v1/containers/processes', request),
    usage: (request) => post('/v1/containers/usage', request),
    waitStopped: (request, signal) => post(stackPath(request.stack, 'wait'), request, signal),
    logs: (request, signal) => readLogs(socketPath, request, signal),
    logsPrune: (request) => post('/v1/logs/prune', request),
    events: (request, signal) => readEventLines(socketPath, request, signal),
    why: ({ stack, service, replica }) => get(`${stackPath(stack, 'why')}?${queryOf({ service, replica })}`),
    ...networkClient(socketPath),
    watchStart: (request) => post(stackPath(request.stack.name, 'watch'), { ...request, by }),
    watchEnd: (stack) => post(stackPath(stack, 'unwatch'), {}),
    watchStatus: (stack) => get(`/v1/watches?${queryOf({ stack })}`),
    exec: (request) => openSession(socketPath, '/v1/exec', request),
    run: (request) => openSession(socketPath, '/v1/run', { ...request, by, env }),
    ...imageClient(socketPath),
    build: (request, watch) => watched({ method: 'POST', path: '/v1/build', json: request }, watch),
    buildCheck: (request) => post('/v1/build/check', request),
    buildCache: () => get('/v1/build/cache'),
    buildPrune: (keepBytes) => post('/v1/build/prune', { keepBytes }),
    images: () => get('/v1/images'),
    imageInspect: (reference) => get(`/v1/images/${encodeURIComponent(reference)}`),
    imageRemove: (reference) =>
      askJson(socketPath, { method: 'DELETE', path: `/v1/images/${encodeURIComponent(reference)}` }),
    imageImport: (archive, { name, changes = [], message, platform }, watch) => {
      const path = `/v1/images/${encodeURIComponent(name)}/import?${queryOf({ change: changes, message, platform })}`;
      return watched({ method: 'POST', path, stream: archive }, watch);
    },
  };
}

async function* readEventLines(
  socketPath: string,
  { services, ...rest }: EventsRequest,
  signal: AbortSignal,
): AsyncGenerator<HistoryEvent> {
  const path = `/v1/events?${queryOf({ ...rest, service: services })}`;
  const response = await openAnswer(socketPath, { method: 'GET', path, signal });
  try {
    for await (const line of createInterface({ input: response })) yield JSON.parse(line) as HistoryEvent;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
