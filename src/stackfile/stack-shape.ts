/**
 * The shape of a whole stack file. Compose Specification, 04 and 06 to 14.
 */
import { berthOfAll } from './berth-shape.ts';
import { service } from './service-shape.ts';
import {
  attr,
  boolean,
  closed,
  count,
  either,
  list,
  map,
  mapping,
  named,
  numberAsText,
  object,
  orNothing,
  type Shape,
  text,
  textOrList,
} from './shape.ts';

const LABELS = attr('labels', { 'org.example.team': 'web' }, mapping);
const DRIVER_OPTS = attr('options of the driver', { type: 'nfs' }, map(numberAsText));

const external = attr(
  'made by somebody else: must be there, and is left alone',
  true,
  either(
    boolean,
    object({ name: attr('its name on this machine; write `name` beside `external` instead', 'x', text) }),
  ),
  false,
);

const ipam = object({
  driver: attr('who gives addresses', 'default', text, 'default'),
  config: attr(
    'its subnets',
    [{ subnet: '172.28.0.0/24' }],
    list(
      object({
        subnet: attr('subnet in CIDR form', '172.28.0.0/24', text),
        ip_range: attr('part of the subnet that containers get addresses from', '172.28.0.128/25', text),
        gateway: attr('address of this machine', '172.28.0.1', text),
        aux_addresses: attr('addresses that are taken', { printer: '172.28.0.5' }, map(text)),
      }),
    ),
  ),
  options: attr('options of the driver', { foo: 'bar' }, map(text)),
});

const network: Shape = {
  ...orNothing(
    object({
      name: attr('name on this machine', 'shop-net', text, 'STACK_KEY'),
      driver: attr('kind of network', 'bridge', text, 'bridge'),
      driver_opts: DRIVER_OPTS,
      ipam: attr('its addresses', { config: [{ subnet: '172.28.0.0/24' }] }, ipam),
      external,
      internal: attr('no way out', true, boolean, false),
      attachable: attr('others may join: always so on one machine', true, boolean, true),
      enable_ipv4: attr('with IPv4 addresses', false, boolean, true),
      enable_ipv6: attr('with IPv6 addresses', true, boolean, false),
      labels: LABELS,
    }),
  ),
  about: 'a network of the stack',
};

const volume: Shape = {
  ...orNothing(
    object({
      name: attr('name on this machine', 'shop-data', text, 'STACK_KEY'),
      driver: attr('kind of volume', 'local', text, 'local'),
      driver_opts: DRIVER_OPTS,
      external,
      labels: LABELS,
    }),
  ),
  about: 'a volume of the stack',
};

const FILE_OBJECT: Readonly<Record<string, Shape>> = {
  name: attr('name on this machine', 'shop-x', text, 'STACK_KEY'),
  file: attr('file with the content', './x.txt', text),
  environment: attr('variable with the content', 'X', text),
  external,
  labels: LABELS,
  template_driver: attr('how the content is filled in', 'golang', text),
};

const secret: Shape = {
  ...object({
    ...FILE_OBJECT,
    driver: attr('who keeps it', 'vault', text),
    driver_opts: DRIVER_OPTS,
  }),
  about: 'a secret of the stack',
};

const config: Shape = {
  ...object({ ...FILE_OBJECT, content: attr('the content itself', 'debug = true', text) }),
  about: 'a config of the stack',
};

const model: Shape = {
  ...object(
    {
      name: attr('its name', 'llm', text),
      model: attr('the model', 'ai/model', text),
      context_size: attr('largest context, in tokens', 4096, { ...count(), texts: false } as Shape),
      runtime_flags: attr('flags for what runs it', ['--verbose'], list(text)),
    },
    ['model'],
  ),
  about: 'a model that services use',
};

const include: Shape = list(
  either(
    text,
    closed({
      path: attr('stack files, later ones over earlier ones', ['./db.yaml'], textOrList),
      project_directory: attr('what their relative paths start from', './db', text),
      env_file: attr('instead of their .env', ['./db.env'], textOrList),
    }),
  ),
);

export const stack: Shape = {
  ...object({
    name: attr('name of the stack', 'shop', text, 'the name of the folder'),
    version: attr('obsolete: has no meaning', '3.9', text),
    include: attr('other stack files, whose services belong to this stack', ['./db.yaml'], include),
    services: attr('the programs of the stack', { web: { image: 'nginx' } }, named(service)),
    networks: attr('networks; without any, all services share one', { back: { internal: true } }, named(network)),
    volumes: attr('volumes', { data: {} }, named(volume)),
    secrets: attr('secrets', { db_password: { file: './password.txt' } }, named(secret)),
    configs: attr('configs', { nginx: { file: './nginx.conf' } }, named(config)),
    'x-berth': attr('what only berth has, for all services', { 'volumes-owner': 'me' }, berthOfAll),
    models: attr('models', { llm: { model: 'ai/model' } }, named(model)),
  }),
  about: 'a stack file of berth, in the syntax of the Compose Specification',
};
