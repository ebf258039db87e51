/**
 * V8's code cache beside a bundle: Node starts it without compiling it again.
 *
 * Made by a process that has run the bundle with `args`, so that the functions
 * used then are in it. A cache that does not fit this Node is refused by V8
 * and costs nothing.
 */
import { spawnSync } from 'node:child_process';

/** `args` null: the bundle is compiled but not run. */
export function makeCodeCache(file, args) {
  const { status, stderr } = spawnSync(process.execPath, ['-e', codeOf(file, args)], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`code cache of ${file}: ${stderr}`);
}

function codeOf(file, args) {
  const run = `
    process.argv = [process.execPath, file, ...${JSON.stringify(args ?? [])}];
    const own = { exports: {} };
    script.runInThisContext()(own.exports, createRequire(file), own, file, dirname(file));`;
  return `
    const { readFileSync, writeFileSync } = require('node:fs');
    const { dirname } = require('node:path');
    const { createRequire, wrap } = require('node:module');
    const { Script } = require('node:vm');
    const file = ${JSON.stringify(file)};
    const script = new Script(wrap(readFileSync(file, 'latin1')), { filename: file });
    process.once('exit', () => writeFileSync(file + '.cache', script.createCachedData()));
    ${args === null ? '' : run}`;
}
