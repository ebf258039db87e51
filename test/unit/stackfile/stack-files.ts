/**
 * Stack files in a folder of their own, loaded; for the tests of this folder.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { BerthError, type Diagnostic } from '../../../src/base/errors.ts';
import type { Service } from '../../../src/model/stack.ts';
import { type LoadedStack, type LoadRequest, loadStack } from '../../../src/stackfile/load-stack.ts';

export type Files = Readonly<Record<string, string>>;

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder `shop` with these files. */
export function folderOf(files: Files): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'berth-stackfile-')), 'shop');
  folders.push(dirname(folder));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Text alone is `stack.yaml`. */
export async function load(files: Files | string, request: Partial<LoadRequest> = {}): Promise<LoadedStack> {
  const cwd = folderOf(typeof files === 'string' ? { 'stack.yaml': files } : files);
  return await loadStack({ cwd, env: {}, files: [], profiles: [], envFiles: [], ...request });
}

/** The attributes below `services: {web: {image: host, ...}}`. */
export async function loadService(attributes: string, request: Partial<LoadRequest> = {}): Promise<Service> {
  const { stack } = await load(webWith(attributes), request);
  return stack.services.find((service) => service.name === 'web')!;
}

export function webWith(attributes: string): string {
  const lines = attributes.split('\n').map((line) => `    ${line}\n`);
  return `services:\n  web:\n    image: host\n${lines.join('')}`;
}

/** What is wrong, a line each: `stack.yaml:4:5 services.web.x: message (hint)`. */
export async function faultsOf(files: Files | string, request: Partial<LoadRequest> = {}): Promise<string> {
  try {
    await load(files, request);
    return 'no faults';
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    if (!error.diagnostics) return `${error.code} ${withoutFolder(error.message)}`;
    return error.diagnostics.map(printFinding).join('\n');
  }
}

export function printFinding({ at, path, message, hint }: Diagnostic): string {
  const place = at ? `${at.file.split('/').pop()}:${at.line}:${at.col} ` : '';
  return withoutFolder(`${place}${path ?? '-'}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

function withoutFolder(text: string): string {
  return text.replaceAll(/\/[^ ]*berth-stackfile-[^/]*\/shop/g, 'SHOP');
}
