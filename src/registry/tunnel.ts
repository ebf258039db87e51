/**
 * TLS through a proxy: CONNECT, then a handshake with the server behind it. RFC 9110, section 9.3.6.
 */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

type Made = (error: Error | null, socket?: Socket) => void;
type Target = { readonly host?: string | null; readonly port?: number | string | null; readonly servername?: string };

/** For an agent's `createConnection`. */
export function tunnel(proxy: URL, tls: object) {
  return (target: Target, made: Made): undefined => {
    const host = target.host ?? '';
    const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
    const asking = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname,
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
    });
    asking.once('error', made);
    asking.once('connect', ({ statusCode }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        made(new Error(`the proxy ${proxy.host} answered with ${statusCode}`));
        return;
      }
      const secured = connectTls({ ...tls, socket, servername: target.servername || host });
      secured.once('error', made);
      secured.once('secureConnect', () => made(null, secured));
    });
    asking.end();
    return undefined;
  };
}

export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
