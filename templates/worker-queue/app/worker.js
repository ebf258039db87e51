/**
 * Does the jobs, one at a time. A job is in this worker's own list until it is done, so that none is lost.
 */
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { redisClient } from './redis.js';

const redis = redisClient({ host: process.env.REDIS_HOST ?? '127.0.0.1' });
const HANDS = `working:${hostname()}`;
const WAIT_SECONDS = 2;

let stopping = false;
process.once('SIGTERM', () => {
  stopping = true;
});

while (!stopping) {
  try {
    await takeUpAgain();
    await workUntilStopped();
  } catch (error) {
    console.error(`${error.message}: trying again`);
    await pause(1000);
  }
}
process.exit(0);

/** What an earlier run of this worker left undone goes to the front of the queue. */
async function takeUpAgain() {
  while (await redis.command('LMOVE', HANDS, 'jobs', 'LEFT', 'RIGHT'));
}

async function workUntilStopped() {
  while (!stopping) {
    const line = await redis.command('BLMOVE', 'jobs', HANDS, 'RIGHT', 'LEFT', WAIT_SECONDS);
    writeFileSync(process.env.ALIVE_FILE ?? '/tmp/alive', '');
    if (!line) continue;
    const result = await work(JSON.parse(line));
    await redis.command('LPUSH', 'done', JSON.stringify(result));
    await redis.command('LTRIM', 'done', 0, 99);
    await redis.command('LREM', HANDS, 1, line);
  }
}

/** Replace this by what your worker does. */
async function work({ id, text }) {
  console.log(`working on ${id}`);
  await pause(500);
  return { id, result: text.toUpperCase(), doneAt: new Date().toISOString() };
}
