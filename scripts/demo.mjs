/**
 * `npm run demo`: builds, brings up examples/shop, shows it answering over HTTP, says what to try next.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SHOP = join(ROOT, 'examples/shop');
const BERTH =
  process.geteuid() === 0
    ? [join(ROOT, 'bin/berth')]
    : ['sudo', '-E', 'env', `PATH=${process.env.PATH}`, join(ROOT, 'bin/berth')];
const ADDRESS = 'http://127.0.0.1:8080';

run(['sh', 'scripts/host-packages.sh', 'demo'], ROOT);
run([process.execPath, 'scripts/build.mjs'], ROOT);
say(`$ cd examples/shop && berth up -d --wait`);
run([...BERTH, 'up', '-d', '--wait'], SHOP);
say('$ berth ps');
run([...BERTH, 'ps'], SHOP);
await order();
say(`
The shop answers at ${ADDRESS}. Try next, in examples/shop:

  ../../bin/berth logs -f           what the services write
  ../../bin/berth exec api sh       a shell inside the api
  ../../bin/berth up --dry-run      the plan: empty, since nothing has changed
  edit stack.yaml, then ../../bin/berth up

Take it down with:  cd examples/shop && ../../bin/berth down        (-v removes the data too)
${process.geteuid() === 0 ? '' : 'As you are not root, put sudo before each.\n'}`);

async function order() {
  const item = { item: 'rope', quantity: 3 };
  say(`$ curl -X POST ${ADDRESS}/api/orders -d '${JSON.stringify(item)}'`);
  const made = await fetch(`${ADDRESS}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(item),
  });
  say(`HTTP ${made.status} ${(await made.text()).trim()}`);
  say(`$ curl ${ADDRESS}/api/orders`);
  const list = await fetch(`${ADDRESS}/api/orders`);
  say(`HTTP ${list.status} ${(await list.text()).trim().slice(0, 400)}`);
  if (!made.ok || !list.ok) process.exit(1);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function run([program, ...args], cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
