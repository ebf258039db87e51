/**
 * The routes of version 1: each is one call of the engine.
 */
import type { BuildRequest } from '../build/build.ts';
import type {
  AttachRequest,
  Engine,
  ExecRequest,
  KillRequest,
  RemoveRequest,
  RestartRequest,
  RunRequest,
  ServicesRequest,
  StartAttachedRequest,
  StartRequest,
  StopRequest,
  UpAgainRequest,
  UpRequest,
} from '../engine/engine.ts';
import type { LogPruneRequest } from '../engine/logs/retain.ts';
import { readJson, sendEvents, sendJson } from './body.ts';
import { containerRoutes } from './container-routes.ts';
import { fileRoutes, volumeRoutes } from './copy-routes.ts';
import { sendHistory } from './history-routes.ts';
import { imageRoutes } from './image-routes.ts';
import { sendLogs } from './log-routes.ts';
import { networkRoutes } from './network-routes.ts';
import { type Exchange, makeRouter, type Router } from './router.ts';
import { serveSession } from './serve-session.ts';
import { watchRoutes } from './watch-routes.ts';

export function routesOf(engine: Engine): Router {
  const router = makeRouter();
  engineRoutes(router, engine);
  stackRoutes(router, engine);
  historyRoutes(router, engine);
  containerRoutes(router, engine);
  actionRoutes(router, engine);
  buildRoutes(router, engine);
  imageRoutes(router, engine);
  volumeRoutes(router, engine);
  fileRoutes(router, engine);
  networkRoutes(router, engine);
  watchRoutes(router, engine);
  sessionRoutes(router, engine);
  return router;
}

function engineRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/status', async ({ response }) => sendJson(response, await engine.status()));
  router.on('GET', '/v1/doctor', async ({ response }) => sendJson(response, await engine.doctor()));
  router.on('POST', '/v1/stop', async ({ response }) => sendJson(response, await engine.stop()));
}

function stackRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/stacks', async ({ response }) => sendJson(response, await engine.stacks()));
  router.on('GET', '/v1/containers', async ({ response, query }) => {
    const stack = query.get('stack') ?? undefined;
    const filter = {
      stack,
      services: query.getAll('service'),
      all: query.get('all') === '1',
      withoutOrphans: query.get('withoutOrphans') === '1',
      names: query.has('name') ? query.getAll('name') : undefined,
    };
    sendJson(response, await engine.containers(filter));
  });
  router.on('GET', '/v1/stacks/:stack/logs', (exchange) => sendLogs(engine, exchange));
  router.on('POST', '/v1/logs/prune', async ({ request, response }) => {
    sendJson(response, await engine.logsPrune(await readJson<LogPruneRequest>(request)));
  });
  router.on('POST', '/v1/stacks/:stack/wait', async ({ request, response, params, signal }) => {
    const body = await readJson<Pick<ServicesRequest, 'services'>>(request);
    sendJson(response, await engine.waitStopped({ stack: params.stack!, services: body.services }, signal));
  });
}

function historyRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/events', (exchange) => sendHistory(engine, exchange));
  router.on('GET', '/v1/stacks/:stack/why', async ({ response, params, query }) => {
    const request = {
      stack: params.stack!,
      service: query.get('service') ?? '',
      replica: Number(query.get('replica') ?? 0),
    };
    sendJson(response, await engine.why(request));
  });
}

function actionRoutes(router: Router, engine: Engine): void {
  router.on('POST', '/v1/plan', async ({ request, response }) => {
    sendJson(response, await engine.plan(await readJson<UpRequest>(request)));
  });
  router.on('POST', '/v1/up', async (exchange) => {
    const body = await readJson<UpRequest>(exchange.request);
    await sendEvents(exchange, (watch) => engine.up(body, watch));
  });
  router.on('POST', '/v1/up-again', async ({ request, response }) => {
    sendJson(response, await engine.upAgain(await readJson<UpAgainRequest>(request)));
  });
  const onStack = <T>(action: string, call: (body: T & { stack: string }, exchange: Exchange) => Promise<void>) =>
    router.on('POST', `/v1/stacks/:stack/${action}`, async (exchange) => {
      const body = await readJson<T>(exchange.request);
      await call({ ...body, stack: exchange.params.stack! }, exchange);
    });
  onStack<{ removeVolumes: boolean }>('down', (body, x) => sendEvents(x, (watch) => engine.down(body, watch)));
  onStack<StartRequest>('start', (body, x) => sendEvents(x, (watch) => engine.start(body, watch)));
  onStack<StopRequest>('stop', (body, x) => sendEvents(x, (watch) => engine.stopServices(body, watch)));
  onStack<RestartRequest>('restart', (body, x) => sendEvents(x, (watch) => engine.restart(body, watch)));
  onStack<ServicesRequest>('pause', (body, x) => sendEvents(x, (watch) => engine.pause(body, watch)));
  onStack<ServicesRequest>('unpause', (body, x) => sendEvents(x, (watch) => engine.unpause(body, watch)));
  onStack<RemoveRequest>('remove', (body, x) => sendEvents(x, (watch) => engine.remove(body, watch)));
  onStack<KillRequest>('kill', async (body, { response }) => sendJson(response, await engine.kill(body)));
}

function buildRoutes(router: Router, engine: Engine): void {
  router.on('POST', '/v1/build', async (exchange) => {
    const body = await readJson<BuildRequest>(exchange.request);
    await sendEvents(exchange, (watch) => engine.build(body, watch));
  });
  router.on('POST', '/v1/build/check', async ({ request, response }) => {
    sendJson(response, await engine.buildCheck(await readJson<BuildRequest>(request)));
  });
  router.on('GET', '/v1/build/cache', async ({ response }) => sendJson(response, await engine.buildCache()));
  router.on('POST', '/v1/build/prune', async ({ request, response }) => {
    const { keepBytes } = await readJson<{ readonly keepBytes: number }>(request);
    sendJson(response, await engine.buildPrune(keepBytes));
  });
}

function sessionRoutes(router: Router, engine: Engine): void {
  router.onSession('/v1/exec', (exchange) => serveSession<ExecRequest>(exchange, (body) => engine.exec(body)));
  router.onSession('/v1/run', (exchange) => serveSession<RunRequest>(exchange, (body) => engine.run(body)));
  router.onSession('/v1/start-attached', (exchange) =>
    serveSession<StartAttachedRequest>(exchange, (body) => engine.startAttached(body), { hangUp: false }),
  );
  router.onSession('/v1/attach', (exchange) =>
    serveSession<AttachRequest>(exchange, (body) => engine.attach(body), { hangUp: false }),
  );
}
