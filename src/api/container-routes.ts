/**
 * The routes about containers by themselves, whatever stack they are of.
 */
import type {
  CommitRequest,
  ContainersRequest,
  Engine,
  RenameRequest,
  UpdateRequest,
  WaitExitRequest,
} from '../engine/engine.ts';
import { readJson, sendJson } from './body.ts';
import type { Exchange, Router } from './router.ts';

export function containerRoutes(router: Router, engine: Engine): void {
  /** One JSON value in, one out. */
  const answer = <T>(action: string, call: (body: T, exchange: Exchange) => Promise<unknown>) =>
    router.on('POST', `/v1/containers/${action}`, async (exchange) => {
      const body = await readJson<T>(exchange.request);
      sendJson(exchange.response, await call(body, exchange));
    });
  answer<ContainersRequest>('processes', (body) => engine.processes(body));
  answer<ContainersRequest>('usage', (body) => engine.usage(body));
  answer<WaitExitRequest>('wait', (body, { signal }) => engine.waitExit(body, signal));
  answer<readonly string[]>('inspect', (body) => engine.inspectContainers(body));
  answer<RenameRequest>('rename', (body) => engine.renameContainer(body));
  answer<UpdateRequest>('update', (body) => engine.updateContainers(body));
  answer<CommitRequest>('commit', (body) => engine.commitContainer(body));
  answer<string>('changes', (body) => engine.containerChanges(body));
  answer<readonly string[]>('sizes', (body) => engine.containerSizes(body));
}
