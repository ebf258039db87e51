/**
 * Builds everything: the executor with the C compiler, the commands and the engine with esbuild, code caches with Node.
 *
 * `--pack` builds the executor for the other architecture too, and fails when
 * that can not be done: a package without it would be broken for its users.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCodeCache } from './code-cache.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const SOURCES = join(ROOT, 'src/runtime/executor');
const FLAGS = ['-O2', '-static', '-s', '-Wall', '-Wextra'];
const ARCHITECTURES = {
  x64: { cross: 'x86_64-linux-gnu-gcc', triplet: 'x86_64-linux-gnu' },
  arm64: { cross: 'aarch64-linux-gnu-gcc', triplet: 'aarch64-linux-gnu' },
};

const pack = process.argv.includes('--pack');
if (process.platform !== 'linux' || !(process.arch in ARCHITECTURES)) {
  fail(`berth is built on Linux x64 and arm64, not on ${process.platform} ${process.arch}`);
}
if (!existsSync(join(ROOT, 'node_modules/esbuild'))) {
  /* An installed package brings its dist/: nothing has to be built on a user's machine. */
  process.exit(0);
}
mkdirSync(join(DIST, 'executor'), { recursive: true });
buildExecutor(process.arch);
if (pack) for (const arch of Object.keys(ARCHITECTURES)) if (arch !== process.arch) buildExecutor(arch);
await bundle();

function buildExecutor(arch) {
  const out = join(DIST, 'executor', `berth-executor-${arch}`);
  const sources = readdirSync(SOURCES).sort();
  const files = sources.filter((name) => name.endsWith('.c')).map((name) => join(SOURCES, name));
  /* Not by times: a checkout of other sources can have older ones. In node_modules, for what is in dist is packed. */
  const stamp = join(ROOT, 'node_modules/.cache', `${basename(out)}.sources`);
  const digest = digestOf(sources.map((name) => join(SOURCES, name)));
  if (existsSync(out) && existsSync(stamp) && readFileSync(stamp, 'utf8') === `${digest} ${digestOf([out])}`) return;
  const compiler = arch === process.arch ? nativeCompiler() : crossCompiler(arch);
  const part = `${out}.${process.pid}`;
  run(compiler[0], [...compiler.slice(1), ...FLAGS, '-o', part, ...files]);
  renameSync(part, out);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${digest} ${digestOf([out])}`);
}

/** musl makes the smaller monitor; the kernel's headers come from the system. */
function nativeCompiler() {
  const { triplet } = ARCHITECTURES[process.arch];
  if (works('musl-gcc')) return ['musl-gcc', '-idirafter', '/usr/include', '-idirafter', `/usr/include/${triplet}`];
  const compiler = [process.env.CC, 'cc', 'gcc', 'clang'].find((name) => name && works(name));
  if (!compiler) fail('there is no C compiler: install gcc (or musl-tools), then run `npm run build`');
  return [compiler];
}

function crossCompiler(arch) {
  const { cross } = ARCHITECTURES[arch];
  if (works(cross)) return [cross];
  return fail(`the executor for ${arch} needs ${cross}: install gcc-${ARCHITECTURES[arch].triplet}`);
}

async function bundle() {
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: {
      main: 'src/main.ts',
      quick: 'src/quick.ts',
      'quick-build': 'src/quick-build.ts',
      daemon: 'src/daemon.ts',
    },
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    /* bin/berth reads it as one byte a character. */
    charset: 'ascii',
    legalComments: 'linked',
    external: ['typescript', 'ts-node', 'tsx', 'react-devtools-core'],
    define: { 'import.meta.url': 'berthFileUrl' },
    banner: { js: "const berthFileUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
  /* The commands that read stack files are most of what people wait for without the engine. */
  makeCodeCache(join(DIST, 'main.cjs'), ['config', '-f', join(ROOT, 'examples/servers/stack.yaml')]);
  makeCodeCache(join(DIST, 'quick.cjs'), null);
  makeCodeCache(join(DIST, 'quick-build.cjs'), null);
  makeCodeCache(join(DIST, 'daemon.cjs'), null);
}

function digestOf(files) {
  const hash = createHash('sha256').update(FLAGS.join(' '));
  for (const file of files) hash.update(`\0${basename(file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function works(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function run(program, args) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) fail(`${program} failed:\n${stderr}`);
}

function fail(message) {
  process.stderr.write(`build: ${message}\n`);
  process.exit(1);
}
