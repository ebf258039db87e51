/**
 * The attributes of a service that say how it is on the network. Compose Specification, 05-services.
 */
import {
  attr,
  count,
  either,
  list,
  map,
  named,
  number,
  numberAsText,
  object,
  orNothing,
  type Shape,
  text,
  textOrList,
  words,
} from './shape.ts';

const portMapping: Shape = either(
  { kind: 'number', texts: false, least: 0, most: 65_535, whole: true },
  text,
  object({
    name: attr('a name for people', 'http', text),
    mode: attr('host and ingress mean the same on one machine', 'host', words('host', 'ingress'), 'ingress'),
    host_ip: attr('address of the host', '0.0.0.0', text, '127.0.0.1 and ::1'),
    target: attr('port of the container', 80, count(0, 65_535)),
    published: attr('port of the host, or a range', '8080', numberAsText),
    protocol: attr('tcp or udp', 'udp', text, 'tcp'),
    app_protocol: attr('what is spoken there, for people', 'http', text),
  }),
);

const plainNumber = { ...number(), texts: false } as Shape;

const serviceNetworks: Shape = either(
  list(text),
  named(
    orNothing(
      object({
        aliases: attr('further names on this network', ['api'], list(text)),
        interface_name: attr('name of the interface inside the container', 'eth1', text),
        ipv4_address: attr('fixed IPv4 address', '172.28.0.10', text),
        ipv6_address: attr('fixed IPv6 address', 'fd00::10', text),
        link_local_ips: attr('further link-local addresses', ['169.254.8.8'], list(text)),
        mac_address: attr('MAC address of the interface', '02:42:ac:11:00:02', text),
        driver_opts: attr('options of the network driver', { 'com.example.a': '1' }, map(numberAsText)),
        priority: attr('the network with the highest comes first', 10, plainNumber, 0),
        gw_priority: attr('the network with the highest is the way out', 10, plainNumber, 0),
      }),
    ),
  ),
);

export const extraHosts: Shape = { ...either(map(either(text, list(text))), list(text)), form: 'hosts' };

export const NETWORK_FIELDS: Readonly<Record<string, Shape>> = {
  hostname: attr('name of the host as the program sees it', 'web', text),
  domainname: attr('domain of the host as the program sees it', 'example.org', text),
  ports: attr('published ports: [[IP:]PUBLISHED:]TARGET[/PROTOCOL]', ['8080:80'], list(portMapping)),
  expose: attr('ports for others on the network; documentation only', ['3000'], list(numberAsText)),
  networks: attr('networks it is on', ['back'], serviceNetworks, ['default']),
  network_mode: attr('none, host, bridge, service:NAME or container:NAME', 'host', text),
  links: attr('SERVICE[:ALIAS], another service under another name', ['db:database'], list(text)),
  external_links: attr('CONTAINER[:ALIAS] of another stack', ['cache:redis'], list(text)),
  dns: attr('name servers to ask', ['9.9.9.9'], textOrList),
  dns_opt: attr('options of resolv.conf', ['ndots:2'], list(text)),
  dns_search: attr('domains to complete names with', ['example.org'], textOrList),
  extra_hosts: attr(
    'names for /etc/hosts; `host-gateway` is this machine',
    ['host.docker.internal:host-gateway'],
    extraHosts,
  ),
  mac_address: attr('MAC address on its first network', '02:42:ac:11:00:02', text),
};
