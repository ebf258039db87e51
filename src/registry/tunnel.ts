/**
 * TLS through a proxy: CONNECT, then a handshake with the server behind it. RFC 9110, section 9.3.6.
 */
import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

type Made = (error: Error | null, socket?: Socket) => void;
type Target = { readonly host?: string | null; readonly port?: number | string | null; readonly servername?: string };

/** For an agent's `createConnection`. `idleMs`: silence of the proxy, or of whom it leads to, that ends it. */
export function tunnel(proxy: URL, { tls, idleMs }: { readonly tls: object; readonly idleMs: number }) {
  return (target: Target, made: Made): undefined => {
    const host = target.host ?? '';
    const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
    const asking = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: idleMs,
    });
    const silent = () => new Error(`the proxy ${proxy.host} answered nothing for ${idleMs / 1000} s`);
    asking.once('timeout', () => asking.destroy(silent()));
    asking.once('error', made);
    asking.once('connect', ({ statusCode }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        made(new Error(`the proxy ${proxy.host} answered with ${statusCode}`));
        return;
      }
      /* An address has no server name (RFC 6066, section 3); the certificate is compared with `host` then. */
      const servername = target.servername || (isIP(host) ? '' : host);
      const secured = connectTls({ ...tls, socket, host, servername });
      secured.setTimeout(idleMs, () => secured.destroy(silent()));
      secured.once('error', made);
      secured.once('secureConnect', () => made(null, secured.setTimeout(0)));
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
