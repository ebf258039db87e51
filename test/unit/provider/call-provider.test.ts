/** The protocol of providers, spoken with real programs. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import type { Provider } from '../../../src/model/provider.ts';
import { callProvider } from '../../../src/provider/call-provider.ts';
import { findProgram } from '../../../src/provider/find-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-provider-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;

/** A program that does `body` when it is asked to act, and `metadata` when asked what it is. */
function program(body: string, metadata = 'exit 1'): string {
  const path = join(folder, `p${made++}`);
  writeFileSync(path, `#!/bin/sh\nif [ "$2" = metadata ]; then\n${metadata}\nexit\nfi\n${body}\n`, { mode: 0o755 });
  return path;
}

const DB: Provider = {
  service: 'my-db',
  type: '',
  options: { size: ['10'], tag: ['a', 'b'] },
  after: [],
  dependants: ['web'],
  definition: { provider: { type: 'cloud' } },
};

const AT = { file: '/x/stack.yaml', line: 4, col: 13 };

async function call(type: string, action: 'up' | 'down' | 'stop' = 'up') {
  const notes: string[] = [];
  const provider = { ...DB, type };
  const env = { PATH: process.env.PATH, HOME: folder };
  try {
    const told = await callProvider({
      ...{ provider, stack: 'shop', action, folder, at: AT, env },
      onInfo: (message) => notes.push(message),
    });
    return { ...told, notes };
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    return `${error.code} ${error.at?.line}: ${error.message}`;
  }
}

const say = (type: string, message: string) => `printf '%s\\n' '${JSON.stringify({ type, message })}'`;

test('it is called as docker compose calls it, and its variables come back', async () => {
  const args = join(folder, 'args');
  const path = program(
    [
      `printf '%s\\n' "$@" > ${args}`,
      say('info', 'preparing\nmore'),
      say('debug', 'x'),
      say('setenv', 'URL=cloud://1?a=b'),
      say('rawsetenv', 'TOKEN='),
    ].join('\n'),
  );

  const told = await call(path);

  expect(told).toEqual({ own: { 'MY-DB_URL': 'cloud://1?a=b' }, raw: { TOKEN: '' }, notes: ['preparing'] });
  expect(readFileSync(args, 'utf8').trim().split('\n')).toEqual([
    ...['compose', '--project-name=shop', 'up', '--size=10', '--tag=a', '--tag=b', 'my-db'],
  ]);
});

test('it is told its service when it asks', async () => {
  const answer = join(folder, 'answer');

  await call(program(`echo '{"type":"get-service-config"}'; read -r line; echo "$line" > ${answer}`));

  expect(JSON.parse(readFileSync(answer, 'utf8'))).toEqual(DB.definition);
});

test('what it takes decides which options it is given, and whether it can stop', async () => {
  const args = join(folder, 'given');
  const takes = (action: string) => `{"name":"${action}","required":true}`;
  const meta = (...actions: string[]) =>
    `echo '{"up":{"parameters":[${actions.map(takes).join(',')}]},"down":{}${actions.includes('tag') ? ',"stop":{}' : ''}}'`;
  const body = `echo "$*" > ${args}`;

  await call(program(body, meta('size')));
  const up = readFileSync(args, 'utf8');
  await call(program('exit 7', meta('size')), 'stop');
  await call(program(body, meta('tag')), 'stop');

  expect(up).toBe('compose --project-name=shop up --size=10 my-db\n');
  expect(readFileSync(args, 'utf8')).toBe('compose --project-name=shop stop my-db\n');
  expect(await call(program('exit 0', meta('zone')))).toMatch(/^PROVIDER_FAILED 4: .* needs the option zone/);
});

const FAULTS: readonly (readonly [string, RegExp])[] = [
  [`${say('error', 'no quota\nat all')}; sleep 100`, /could not bring up service my-db: no quota\nat all$/],
  ['exit 3', /could not bring up service my-db: exit code 3$/],
  ['kill -9 $$', /killed by SIGKILL$/],
  ['echo hello', /it wrote a line that is no message: hello$/],
  ['echo "[]"', /it wrote a line that is no message: \[\]$/],
  [say('setenv', 'URL'), /"URL" is no KEY=VALUE$/],
  [say('dance', ''), /a message of the type "dance", which means nothing$/],
  ['yes x | tr -d "\\n"', /it wrote a line of more than 1 MiB$/],
];

test.each(FAULTS)('a fault names the provider, the service and the line: %s', async (body, message) => {
  const told = await call(program(body));

  expect(told).toMatch(/^PROVIDER_FAILED 4: provider /);
  expect(told).toMatch(message);
});

test('without a program the error says what to install', async () => {
  expect(await call('no-such-cloud')).toBe(
    'PROVIDER_NOT_FOUND 4: there is no program for provider no-such-cloud of service my-db',
  );
});

test("a program is berth's, a plugin of docker, or any other in PATH; a path is relative to the stack file", () => {
  const bin = join(folder, 'bin');
  const plugins = join(folder, '.docker/cli-plugins');
  for (const path of [bin, plugins]) mkdirSync(path, { recursive: true });
  const env = { PATH: `${bin}:relative`, HOME: folder };
  const place = (path: string) => {
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    return path;
  };

  expect(findProgram('cloud', { folder, env })).toBeUndefined();
  const found = [join(bin, 'cloud'), join(plugins, 'docker-cloud'), join(bin, 'berth-cloud')].map((path) => [
    place(path),
    findProgram('cloud', { folder, env }),
  ]);
  for (const [path, program] of found) expect(program).toBe(path);
  expect(findProgram('./bin/cloud', { folder, env })).toBe(join(bin, 'cloud'));
  expect(findProgram('./bin', { folder, env })).toBeUndefined();
});
