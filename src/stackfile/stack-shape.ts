/**
 * The shape of a whole stack file. Compose Specification, 04 and 06 to 09.
 */
import { service } from './service-shape.ts';
import {
  boolean,
  either,
  list,
  map,
  mapping,
  named,
  number,
  object,
  orNothing,
  type Shape,
  simple,
  text,
  textOrList,
  unsupported,
  word,
} from './shape.ts';

const external: Shape = either([boolean(), object({ name: text() })], 'made by somebody else');

const network: Shape = orNothing(
  object(
    {
      name: text('name on this machine; default STACK_KEY'),
      driver: word(['bridge'], 'bridge is the only one'),
      driver_opts: map(simple, 'com.docker.network.driver.mtu'),
      external,
      internal: boolean('no way out'),
      attachable: boolean('always so on one machine'),
      enable_ipv4: unsupported('networks have IPv4'),
      enable_ipv6: unsupported('IPv6 networks are not supported yet'),
      ipam: orNothing(
        object({
          driver: word(['default']),
          config: list(
            object({
              subnet: text('CIDR'),
              gateway: text(),
              ip_range: unsupported('remove it'),
              aux_addresses: unsupported('remove it'),
            }),
          ),
          options: unsupported('remove it'),
        }),
      ),
      labels: mapping('labels'),
    },
    [],
    'a network of the stack',
  ),
);

const volume: Shape = orNothing(
  object(
    {
      name: text('name on this machine; default STACK_KEY'),
      driver: word(['local'], 'local is the only one'),
      driver_opts: unsupported('a volume is a folder of berth: bind another folder with `type: bind`'),
      external,
      labels: mapping('labels'),
    },
    [],
    'a volume of the stack',
  ),
);

const fileObject = (about: string): Shape =>
  object(
    {
      file: text('path'),
      environment: text('variable with the content'),
      content: text('the content itself'),
      name: text(),
      external: unsupported('keep it in a file'),
      labels: mapping('labels'),
      driver: unsupported('remove it'),
      driver_opts: unsupported('remove it'),
      template_driver: unsupported('remove it'),
    },
    [],
    about,
  );

export const stack: Shape = object(
  {
    name: text('name of the stack; default: the folder'),
    version: either([text(), number()], 'obsolete: has no meaning'),
    services: named(orNothing(service), 'the programs of the stack'),
    networks: orNothing(named(network, 'networks; without any, all services share one')),
    volumes: orNothing(named(volume, 'volumes')),
    secrets: orNothing(named(fileObject('a secret'), 'secrets')),
    configs: orNothing(named(fileObject('a config'), 'configs')),
    include: list(
      either([
        text('path'),
        object(
          {
            path: textOrList('stack files, later ones over earlier ones'),
            project_directory: text('what their relative paths start from'),
            env_file: textOrList('instead of their .env'),
          },
          ['path'],
        ),
      ]),
      'other stack files, whose services belong to this stack',
    ),
    models: unsupported('remove it'),
  },
  [],
  'a stack file of berth, in the syntax of the Compose Specification',
);
