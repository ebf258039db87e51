/**
 * The shape of `x-berth`: what berth can do and the Compose Specification has no word for.
 */
import { logs } from './logs-shape.ts';
import { attr, boolean, closed, count, duration, either, formed, list, type Shape, text, words } from './shape.ts';

const port = count(1, 65_535);
const ports: Shape = either(port, list(port));

/** `8080/health`, `http://localhost:8080/health`. */
export const HTTP_FORM = /^(?:http:\/\/(?:localhost|127\.0\.0\.1))?:?(\d+)?(\/\S*)?$/;

const http: Shape = either(
  formed('a port and path like 8080/health, or http://localhost:8080/health', HTTP_FORM, { numbers: true }),
  closed(
    {
      port: attr('port of the container', 8080, port),
      path: attr('what to get', '/health', text, '/'),
      status: attr('status that is right; without it 200 to 399', 204, count(100, 599)),
    },
    ['port'],
  ),
);

const ready = closed({
  listen: attr('TCP ports that something in the container listens on', 5432, ports),
  tcp: attr('TCP ports on which the container takes connections', 5432, ports),
  http: attr('a GET that is answered well', '8080/health', http),
  log: attr(
    'regular expression that a line of its output matches',
    'ready to accept connections',
    either(text, list(text)),
  ),
  timeout: attr('time after which it counts as unhealthy', '2m', duration, '60s'),
});

const volumesOwner = attr(
  '`me`: what the user of the container makes in bind mounts belongs to the person who ran berth',
  'me',
  words('me'),
);

const quiet = attr('an action begins when for so long no further file has changed', '50ms', duration, '50ms');

const watch = attr('how files are watched (develop.watch)', { quiet: '50ms' }, closed({ quiet }));

const serviceWatch = attr(
  'how files are watched; `auto`: those that the service has opened in its bind mounts start it again when they change',
  'auto',
  either(words('auto'), closed({ quiet, auto: attr('as `watch: auto`', true, boolean, false) })),
);

const logsAttr = attr('what becomes of what the containers write', { keep: { count: 5 } }, logs);

const publishAddress = attr(
  'where ports are published that name no address: `all`, or an address of this machine',
  'all',
  text,
  '127.0.0.1 and ::1',
);

const fileChanges = attr(
  '`ignore`: new contents of files behind env_file, configs and secrets are no reason to make the container anew',
  'ignore',
  words('recreate', 'ignore'),
  'recreate',
);

/** At the top of the file. */
export const berthOfAll = closed({
  logs: logsAttr,
  'volumes-owner': volumesOwner,
  'file-changes': fileChanges,
  'publish-address': publishAddress,
  watch,
});

export const berth = closed({
  logs: logsAttr,
  'volumes-owner': volumesOwner,
  'file-changes': fileChanges,
  watch: serviceWatch,
  ready: attr(
    'how berth sees from outside that the service has come up; all that is named must be',
    { tcp: 5432 },
    ready,
  ),
  restart: attr(
    '`on-unhealthy`: start it again also when its health check fails, whatever `restart` says',
    'on-unhealthy',
    words('on-unhealthy'),
  ),
});
