/**
 * Method and path -> handler.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import findMyWay from 'find-my-way';

export type RouteParams = Readonly<Record<string, string | undefined>>;

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: RouteParams;
  readonly query: URLSearchParams;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
};

export type Handler = (exchange: Exchange) => Promise<void>;

export type SessionExchange = {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly params: RouteParams;
};

export type SessionHandler = (exchange: SessionExchange) => Promise<void>;

export type Router = {
  on(method: 'GET' | 'POST' | 'DELETE', path: string, handler: Handler): void;
  onSession(path: string, handler: SessionHandler): void;
  find(
    method: string,
    url: string,
  ): { readonly handler: Handler; readonly params: RouteParams; readonly query: URLSearchParams } | undefined;
  findSession(url: string): { readonly handler: SessionHandler; readonly params: RouteParams } | undefined;
};

export function makeRouter(): Router {
  const plain = findMyWay({ maxParamLength: 1000 });
  const sessions = findMyWay({ maxParamLength: 1000 });
  return {
    on: (method, path, handler) => plain.on(method, path, () => {}, handler),
    onSession: (path, handler) => sessions.on('POST', path, () => {}, handler),
    find(method, url) {
      const found = plain.find(method as 'GET', pathOf(url));
      return found ? { handler: found.store as Handler, params: found.params, query: queryOf(url) } : undefined;
    },
    findSession(url) {
      const found = sessions.find('POST', pathOf(url));
      return found ? { handler: found.store as SessionHandler, params: found.params } : undefined;
    },
  };
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!;
}

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}
