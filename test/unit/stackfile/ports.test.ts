import { expect, test } from 'vitest';
import { printCanonical } from '../../../src/stackfile/print-canonical.ts';
import { faultsOf, load, loadService, webWith } from './stack-files.ts';

/** `hostIp:published->target/protocol`, a mapping each. */
async function portsOf(written: string): Promise<string> {
  const { ports } = await loadService(`ports: ${written}`);
  return ports
    .map(({ hostIp, published, target, protocol }) => {
      const range =
        published && (published.first === published.last ? published.first : `${published.first}-${published.last}`);
      return `${hostIp ?? 'default'}:${range ?? 'any'}->${target}/${protocol}`;
    })
    .join(' ');
}

test.each([
  ['[80]', 'default:any->80/tcp'],
  ['["8080:80"]', 'default:8080->80/tcp'],
  ['["0.0.0.0:8080:80/udp"]', '0.0.0.0:8080->80/udp'],
  ['["[::1]:8080:80"]', '::1:8080->80/tcp'],
  ['["127.0.0.1::80"]', '127.0.0.1:any->80/tcp'],
  ['["8000-8001:80-81"]', 'default:8000->80/tcp default:8001->81/tcp'],
  ['["8000-8003:80"]', 'default:8000-8003->80/tcp'],
  ['[{target: 80, published: "8080", host_ip: 0.0.0.0, protocol: udp}]', '0.0.0.0:8080->80/udp'],
  ['[{target: 80, mode: host}]', 'default:any->80/tcp'],
])('%s is %s', async (written, expected) => {
  expect(await portsOf(written)).toBe(expected);
});

const published = (head: string) =>
  `${head}services: {web: {image: host, ports: ["80:80", "127.0.0.1:81:81"]}, b: {image: host, ports: ["82:82"]}}`;

test.each<[string, Record<string, string>, (string | null)[]]>([
  ['x-berth: {publish-address: all}\n', {}, ['all', '127.0.0.1', 'all']],
  ['x-berth: {publish-address: "::1"}\n', { BERTH_PUBLISH_ADDRESS: '192.0.2.1' }, ['::1', '127.0.0.1', '::1']],
  ['', { BERTH_PUBLISH_ADDRESS: '192.0.2.1' }, ['192.0.2.1', '127.0.0.1', '192.0.2.1']],
  ['', { BERTH_PUBLISH_ADDRESS: '' }, [null, '127.0.0.1', null]],
])('ports that name no address are published where %j and %j say', async (head, environment, expected) => {
  const { stack } = await load(published(head), { env: environment });

  const found = stack.services.flatMap(({ ports }) => ports.map(({ hostIp }) => hostIp));

  expect(found.sort()).toEqual([...expected].sort());
});

test('a place to publish at that is no address is told once', async () => {
  expect(await faultsOf(published('x-berth: {publish-address: office}\n'))).toMatchInlineSnapshot(
    `"stack.yaml:1:28 x-berth.publish-address: "office" is no address (write \`all\`, or an address of this machine like 192.0.2.1)"`,
  );
});

test('what is no port is told, each where it stands', async () => {
  const faults = await faultsOf(
    webWith('ports: ["99999:80", "80:80/sctp", "1-3:1-2", abc, "1.2.3:80:80", {published: 1}]'),
  );

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:4:13 services.web.ports[0]: "99999:80" has no valid port (write "8080:80", "127.0.0.1:8080:80" or "80")
    stack.yaml:4:25 services.web.ports[0]: sctp is not published by berth (use tcp or udp; on one network sctp needs no port)
    stack.yaml:4:39 services.web.ports[2]: "1-3:1-2" has two ranges that differ in length (write "8080:80", "127.0.0.1:8080:80" or "80")
    stack.yaml:4:50 services.web.ports[3]: "abc" has no valid port (write "8080:80", "127.0.0.1:8080:80" or "80")
    stack.yaml:4:55 services.web.ports[4]: "1.2.3:80:80" has no valid address: 1.2.3 (write "8080:80", "127.0.0.1:8080:80" or "80")
    stack.yaml:4:70 services.web.ports[1]: a port needs \`target\` (write target: 80)"
  `);
});

/* 8080 alone is on 127.0.0.1, which 0.0.0.0 takes as well. */
test('ports that meet are told across services and addresses', async () => {
  const faults = await faultsOf(`
services:
  a: {image: host, ports: ["8000-8002:80-82", "8080:80", "127.0.0.1:9000:1"]}
  b: {image: host, ports: ["0.0.0.0:8080:80", "8002:1", "127.0.0.2:9000:1", "8080:80/udp", "8080-8090:7"]}
`);

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:4:28 services.b.ports[0]: port 8080 is published by service b and by service a (choose another port of the host)
    stack.yaml:4:47 services.b.ports[1]: port 8002 is published by service b and by service a (choose another port of the host)"
  `);
});

test('name, app_protocol and mode of a port stay in the canonical form, read again too, and change nothing', async () => {
  const said = 'name: front, app_protocol: http, mode: host, target: 80, published: "8080"';
  const { canonical, stack } = await load(webWith(`ports: [{${said}}]`));

  const again = await load(printCanonical(canonical));
  const plain = await loadService('ports: [{target: 80, published: "8080"}]');

  expect(printCanonical(canonical)).toContain(`      - name: front
        mode: host
        target: 80
        published: "8080"
        protocol: tcp
        app_protocol: http
`);
  expect(again.canonical).toEqual(canonical);
  expect(stack.services[0]?.ports).toEqual(plain.ports);
});

test('another mode of a port is told', async () => {
  const faults = await faultsOf(webWith('ports: [{target: 80, mode: hots}]'));

  expect(faults).toMatchInlineSnapshot(
    `"stack.yaml:4:32 services.web.ports[0].mode: services.web.ports[0].mode must be one of host, ingress, not "hots" (did you mean host?)"`,
  );
});
