/**
 * An editor's language server with schema.json: it completes, explains and finds fault.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const SERVER = fileURLToPath(
  new URL('../../../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
);
const SCHEMA = fileURLToPath(new URL('../../../schema.json', import.meta.url));
const SCHEMA_URI = pathToFileURL(SCHEMA).href;

type Message = { id?: number; method?: string; params?: unknown; result?: unknown };

let server: ChildProcess;
let lastId = 0;
const waiting = new Map<number, (result: unknown) => void>();
const diagnostics = new Map<string, (found: readonly { message: string }[]) => void>();

beforeAll(async () => {
  server = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  read(server);
  await ask('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  send({ method: 'initialized', params: {} });
}, 60_000);

afterAll(async () => {
  server.kill();
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
});

/** Messages have a header with their length. */
function read({ stdout }: ChildProcess): void {
  let buffer = Buffer.alloc(0);
  stdout!.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(buffer.subarray(0, Math.max(end, 0)).toString())?.[1]);
      if (end < 0 || buffer.length < end + 4 + length) return;
      answer(JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString()) as Message);
      buffer = buffer.subarray(end + 4 + length);
    }
  });
}

function answer({ id, method, params, result }: Message): void {
  if (method === 'workspace/configuration') {
    const settings = { schemas: { [SCHEMA_URI]: '*.yaml' }, validate: true, completion: true, hover: true };
    const items = (params as { items: { section: string }[] }).items;
    send({ id, result: items.map(({ section }) => (section === 'yaml' ? settings : null)) });
  } else if (method === 'custom/schema/request') send({ id, result: SCHEMA_URI });
  else if (method === 'vscode/content' || method === 'custom/schema/content')
    send({ id, result: readFileSync(SCHEMA, 'utf8') });
  else if (method === 'textDocument/publishDiagnostics') {
    const { uri, diagnostics: found } = params as { uri: string; diagnostics: { message: string }[] };
    diagnostics.get(uri)?.(found);
  } else if (method !== undefined && id !== undefined) send({ id, result: null });
  else if (id !== undefined) waiting.get(id)?.(result);
}

function send(message: Message): void {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

async function ask(method: string, params: unknown): Promise<unknown> {
  const id = ++lastId;
  return await new Promise((resolve) => {
    waiting.set(id, resolve);
    send({ id, method, params });
  });
}

/** A document that says itself where its schema is; `faults` are those of its first check that has any. */
function open(name: string, text: string) {
  const uri = `file:///tmp/${name}.yaml`;
  const whole = `# yaml-language-server: $schema=${SCHEMA_URI}\n${text}`;
  const faults = new Promise<readonly string[]>((resolve) => {
    diagnostics.set(uri, (found) => found.length > 0 && resolve(found.map(({ message }) => message)));
  });
  send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'yaml', version: 1, text: whole } },
  });
  return {
    uri,
    faults,
    at: (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } }),
  };
}

test('a wrong attribute is marked while it is typed', { timeout: 60_000 }, async () => {
  const { faults } = open('wrong', 'services:\n  web:\n    imgae: nginx\n');

  expect((await faults).join('\n')).toContain('imgae');
});

test('attributes are completed', { timeout: 60_000 }, async () => {
  const { at } = open('complete', 'services:\n  web:\n    image: nginx\n    stop_gr\n');

  const result = (await ask('textDocument/completion', at(4, 11))) as { items: { label: string }[] };

  expect(result.items.map(({ label }) => label)).toContain('stop_grace_period');
});

test('attributes are explained', { timeout: 60_000 }, async () => {
  const { at } = open('explain', 'services:\n  web:\n    image: nginx\n');

  const result = JSON.stringify(await ask('textDocument/hover', at(3, 6)));

  expect(result).toContain('image to run');
});
