/** 10^5 log lines a second from one container while they are followed: none lost, none out of order, the writer not held up. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from './measure.mjs';
import { table, verdict } from './table.mjs';

const LINES_PER_SECOND = 100_000;

export async function logBench({ folder, quick, berth }) {
  const { command, env } = berth;
  const seconds = quick ? 5 : 30;
  const cwd = join(folder, 'logs');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'stack.yaml'), stackOf(seconds));
  const [program, ...args] = command('up', '--no-log-prefix');
  const up = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let expected = 1;
  let wrong = 0;
  let late = 0;
  for await (const line of createInterface({ input: up.stdout })) {
    if (line.startsWith('late ')) late = Number(line.slice(5));
    else if (line.startsWith('line ')) {
      if (Number(line.split(' ')[1]) !== expected) wrong += 1;
      expected = Number(line.split(' ')[1]) + 1;
    }
  }
  run(command('down'), { env, cwd });
  const total = seconds * LINES_PER_SECOND;
  return `## Logs

One container writes ${LINES_PER_SECOND.toLocaleString('en')} lines a second for ${seconds} s, while \`up\` follows.

${table(
  ['what', 'lines'],
  [
    ['written', total],
    ['followed', expected - 1],
    ['missing or out of order', wrong + (total - expected + 1)],
  ],
)}

${verdict('The writer behind its own clock at the end, in seconds', late / 1000, 1)}
`;
}

/** The writer keeps its own pace, and tells at the end how far it has been held up. */
function stackOf(seconds) {
  const script = `
    const fs = require('node:fs');
    const total = ${seconds * LINES_PER_SECOND};
    const began = Date.now();
    let n = 0;
    const tick = () => {
      const due = Math.min(total, Math.floor((Date.now() - began) * ${LINES_PER_SECOND / 1000}));
      let text = '';
      while (n < due) text += 'line ' + ++n + ' of a service that has a lot to say about what it does\\n';
      let bytes = Buffer.from(text);
      while (bytes.length > 0) bytes = bytes.subarray(fs.writeSync(1, bytes));
      if (n < total) setTimeout(tick, 5);
      else fs.writeSync(1, 'late ' + (Date.now() - began - ${seconds * 1000}) + '\\n');
    };
    tick();`;
  return `services:\n  writer:\n    image: host\n    command: ["node", "-e", ${JSON.stringify(script)}]\n`;
}
