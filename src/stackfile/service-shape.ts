/**
 * The shape of one service. Names and meaning: Compose Specification, 05-services.
 */
import { berth } from './berth-shape.ts';
import { build } from './build-shape.ts';
import { deploy, devices } from './deploy-shape.ts';
import { develop, hook, preStart } from './hook-shape.ts';
import { LIMIT_FIELDS } from './limit-shape.ts';
import { fileUse, mount } from './mount-shape.ts';
import { NETWORK_FIELDS } from './service-network-shape.ts';
import {
  anything,
  attr,
  boolean,
  closed,
  command,
  count,
  duration,
  either,
  formed,
  list,
  map,
  mapping,
  named,
  numberAsText,
  object,
  openMapping,
  orNothing,
  plainBoolean,
  type Shape,
  text,
  textOrList,
  textOrNumber,
  words,
} from './shape.ts';

const healthcheck = object({
  test: attr(
    'how to check: text for the shell, or a list that begins with CMD, CMD-SHELL or NONE',
    ['CMD', 'curl', '-f', 'http://localhost'],
    { ...textOrList, form: 'test' },
  ),
  interval: attr('time between checks', '10s', duration, '30s'),
  timeout: attr('time that one check may take', '3s', duration, '30s'),
  retries: attr('failures in a row that make the service unhealthy', 5, count(), 3),
  start_period: attr('time to come up, in which failures do not count', '20s', duration, '0s'),
  start_interval: attr('time between checks while it comes up', '1s', duration, '5s'),
  disable: attr("switches the image's own check off", true, boolean, false),
});

const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'];

const dependsOn: Shape = either(
  list(text),
  named(
    object(
      {
        condition: attr('what to wait for', 'service_healthy', words(...CONDITIONS)),
        restart: attr('restart this service when that one is replaced', true, boolean, false),
        required: attr('false: a missing service is no error', false, plainBoolean, true),
      },
      ['condition'],
    ),
  ),
);

const envFile: Shape = either(
  text,
  list(
    either(
      text,
      closed(
        {
          path: attr('the file', './web.env', text),
          required: attr('false: a missing file is no error', false, boolean, true),
          format: attr('`raw`: values are taken as they are written', 'raw', text),
        },
        ['path'],
      ),
    ),
  ),
);

const PROGRAM: Readonly<Record<string, Shape>> = {
  image: attr('image to run; `host` is this machine itself', 'nginx:1.27', text),
  build: attr('how to build the image: the folder, or more', './web', either(text, build)),
  command: attr("instead of the image's command", ['npm', 'start'], command),
  entrypoint: attr("instead of the image's entrypoint; an empty list switches it off", ['/entry.sh'], command),
  environment: attr(
    "variables of the program; a key without a value takes the caller's",
    { LOG_LEVEL: 'debug' },
    openMapping,
  ),
  env_file: attr('files of variables; `environment` wins over them', ['web.env'], envFile),
  working_dir: attr('folder the program starts in', '/app', text),
  user: attr('USER[:GROUP] to run as', '1000:1000', text),
  group_add: attr('further groups', ['audio'], list(numberAsText)),
  init: attr('a small init as PID 1', false, boolean, true),
  tty: attr('with a terminal', true, boolean, false),
  stdin_open: attr('keep stdin open', true, boolean, false),
  labels: attr('labels of the container', { 'org.example.team': 'web' }, mapping),
  label_file: attr('files of labels', ['web.labels'], textOrList),
  annotations: attr('annotations of the container', { 'org.example.note': 'x' }, mapping),
  container_name: attr(
    'instead of STACK-SERVICE-N; only with one replica',
    'shop-db',
    formed('a name of letters, digits, "_", "." and "-"', /[a-zA-Z0-9][a-zA-Z0-9_.-]+/),
  ),
  platform: attr('operating system and architecture of the image', 'linux/amd64', text),
  runtime: attr('OCI runtime', 'runc', text),
  isolation: attr('isolation technology of Windows', 'default', text),
  credential_spec: attr(
    'credentials of a managed account of Windows',
    { file: 'spec.json' },
    object({
      config: attr('config that has them', 'spec', text),
      file: attr('file that has them', 'spec.json', text),
      registry: attr('value of the registry that has them', 'spec', text),
    }),
  ),
  provider: attr(
    'a program that stands for this service',
    { type: 'cloud' },
    object(
      {
        type: attr('the program', 'cloud', text),
        options: attr(
          'options for it, each given as --KEY=VALUE',
          { size: 's' },
          map(either(textOrNumber, plainBoolean, list(either(textOrNumber, plainBoolean)))),
        ),
      },
      ['type'],
    ),
  ),
  models: attr(
    'models that the program uses',
    ['llm'],
    either(
      list(text),
      named(
        orNothing(
          object({
            endpoint_var: attr('variable that gets the address', 'LLM_URL', text),
            model_var: attr('variable that gets the name of the model', 'LLM_MODEL', text),
          }),
        ),
      ),
    ),
  ),
  use_api_socket: attr('mounts the socket and the credentials of the engine', true, plainBoolean, false),
};

const LIFE: Readonly<Record<string, Shape>> = {
  extends: attr(
    'service that this one builds on, of this file or of another',
    { file: 'common.yaml', service: 'base' },
    either(
      text,
      closed(
        {
          service: attr('the service', 'base', text),
          file: attr('the stack file it is in; default: this one', 'common.yaml', text),
        },
        ['service'],
      ),
    ),
  ),
  depends_on: attr(
    'services that must be there before this one starts',
    { db: { condition: 'service_healthy' } },
    dependsOn,
  ),
  healthcheck: attr('how to tell that the service works', { test: 'curl -f http://localhost' }, healthcheck),
  restart: attr(
    'when to start it again: no, always, unless-stopped, on-failure[:N], on-unhealthy',
    'unless-stopped',
    text,
    'no',
  ),
  stop_signal: attr('signal that asks it to end', 'SIGINT', text, 'SIGTERM'),
  stop_grace_period: attr('time between the stop signal and the kill', '30s', duration, '10s'),
  pre_start: attr('containers that run to their end before it starts', [{ command: 'migrate' }], list(preStart)),
  post_start: attr('commands that run in it once it has started', [{ command: 'warm-up' }], list(hook)),
  pre_stop: attr('commands that run in it before it is stopped', [{ command: 'drain' }], list(hook)),
  profiles: attr('profiles that switch it on; without any it is always on', ['debug'], list(text)),
  attach: attr('false: leave its log out of an attached up', false, boolean, true),
  scale: attr('how many containers', 2, count(), 1),
  deploy: attr('how many, with which resources, replaced how', { replicas: 2 }, orNothing(deploy)),
  develop: attr('what to do when files change', { watch: [{ path: './src', action: 'rebuild' }] }, orNothing(develop)),
  pull_policy: attr(
    'when to get the image',
    'always',
    formed(
      'always, never, missing, build, daily, weekly or every_ and a duration',
      /always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/,
    ),
    'missing',
  ),
  pull_refresh_after: attr('age after which the image is looked for again', '24h', text),
};

const STORAGE: Readonly<Record<string, Shape>> = {
  volumes: attr('what is mounted: SOURCE:TARGET[:OPTIONS], or the long form', ['data:/var/lib/data'], list(mount)),
  volumes_from: attr('service or container:NAME whose mounts it shares', ['db:ro'], list(text)),
  tmpfs: attr('paths with a file system in memory', ['/run:size=64m'], textOrList),
  secrets: attr('secrets, as files below /run/secrets', ['db_password'], list(fileUse)),
  configs: attr('configs, as files', [{ source: 'nginx', target: '/etc/nginx/nginx.conf' }], list(fileUse)),
  storage_opt: attr('options of the storage driver', { size: '10G' }, map({ ...anything, form: 'text' })),
};

const ISOLATION: Readonly<Record<string, Shape>> = {
  cap_add: attr('capabilities to add', ['NET_ADMIN'], list(text)),
  cap_drop: attr('capabilities to drop', ['ALL'], list(text)),
  privileged: attr('all capabilities and devices', true, boolean, false),
  read_only: attr('root filesystem read-only', true, boolean, false),
  security_opt: attr('seccomp=unconfined, no-new-privileges:true|false', ['no-new-privileges:false'], list(text)),
  cgroup: attr('namespace of control groups', 'private', words('host', 'private'), 'private'),
  cgroup_parent: attr('control group that its own is below of', 'batch', text),
  ipc: attr('private, shareable, host, service:NAME or container:NAME', 'host', text, 'private'),
  pid: attr('host, service:NAME or container:NAME', 'host', orNothing(text)),
  uts: attr("`host`: this machine's name", 'host', text),
  userns_mode: attr("`host`: this machine's users", 'host', text),
};

const LOGS: Readonly<Record<string, Shape>> = {
  logging: attr(
    'where the log goes',
    { driver: 'json-file', options: { 'max-size': '10m' } },
    object({
      driver: attr('which way', 'json-file', text),
      options: attr('options of the driver', { 'max-size': '10m' }, map(either(numberAsText, { kind: 'nothing' }))),
    }),
  ),
};

export const service: Shape = {
  ...object({
    ...PROGRAM,
    ...LIFE,
    ...NETWORK_FIELDS,
    ...STORAGE,
    ...LIMIT_FIELDS,
    gpus: attr('GPUs it may use', 'all', either(words('all'), list(devices({ required: [] })))),
    ...ISOLATION,
    ...LOGS,
    'x-berth': attr("berth's own", { ready: { listen: 8080 } }, berth),
  }),
  about: 'one service of the stack',
};
