/** develop.watch and x-berth.watch: complete rules, and faults at their places. */
import { expect, test } from 'vitest';
import { load } from './stack-files.ts';

const WEB = (rule: string, more = '') =>
  `services:\n  web:\n    image: host\n    command: sleep 1\n    build: .\n${more}    develop:\n      watch:\n        - ${rule}\n`;

async function faults(text: string): Promise<string[]> {
  const loaded = await load(text).catch((error: unknown) => error);
  const { diagnostics = [] } = loaded as { diagnostics?: readonly Diagnosed[] };
  return diagnostics.map((d) => `${d.at?.line}:${d.at?.col} ${d.message}`);
}

type Diagnosed = { readonly message: string; readonly at?: { readonly line: number; readonly col: number } };

test('a rule has all its parts, its path is absolute, and actions wait for 50 ms of quiet', async () => {
  const { stack } = await load(
    WEB(
      '{path: ./src, action: sync+exec, target: /app, ignore: "*.log", include: [a, b], initial_sync: true, exec: {command: ./reload now, user: root, environment: [A=1]}}',
    ),
    { readOnly: true },
  );

  expect(stack.services[0]?.watch).toEqual({
    quietMs: 50,
    rules: [
      {
        path: `${stack.projectDir}/src`,
        action: 'sync+exec',
        target: '/app',
        ignore: ['*.log'],
        include: ['a', 'b'],
        initialSync: true,
        exec: {
          command: ['./reload', 'now'],
          user: 'root',
          privileged: false,
          workingDir: null,
          environment: { A: '1' },
        },
      },
    ],
  });
});

test('the quiet time is that of the service, or that of all', async () => {
  const own = await load(WEB('{path: ., action: restart}', '    x-berth: {watch: {quiet: 20ms}}\n'));
  const top = await load(`x-berth: {watch: {quiet: 1s}}\n${WEB('{path: ., action: restart}')}`);

  expect([own.stack.services[0]?.watch?.quietMs, top.stack.services[0]?.watch?.quietMs]).toEqual([20, 1000]);
});

test.each([
  ['{path: ., action: sync}', '8:29 services.web.develop.watch[0] needs `target` for sync'],
  ['{path: ., action: sync, target: app}', '8:43 "app" is no absolute path'],
  ['{path: ., action: sync+exec, target: /app}', '8:29 services.web.develop.watch[0] has nothing to run'],
  ['{path: ., action: restart, ignore: ["a[", b]}', '8:47 the ignore pattern "a[" can not be read'],
])('%s is refused at its place', async (rule, expected) => {
  expect(await faults(WEB(rule))).toContain(expected);
});

test('rebuild needs something to build', async () => {
  const text = WEB('{path: ., action: rebuild}').replace('    build: .\n', '');

  expect(await faults(text)).toContain(
    '7:29 services.web.develop.watch[0]: a service without `build` can not be built anew',
  );
});
