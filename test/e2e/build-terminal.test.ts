/** A build in a real terminal: what tmux shows of its steps while they run, at the end, and when one fails. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';
import { HAS_TMUX, terminalOf } from './tmux.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('buildterminal');
});
afterAll(() => {
  world.berth('builder', 'prune', '--all');
  world.close();
});

const { close, exitCode, hasCursor, open, screen: lines, shows, type } = terminalOf(() => world);
const screen = () => lines('-J').join('\n');

/* The gate is a file of the build's cache folder, seen from outside. */
const GATED = `FROM host AS other
RUN --mount=type=cache,id=gate,target=/g echo waiting; until [ -e /g/open ]; do sleep 0.05; done
FROM host
COPY Dockerfile /copied
COPY --from=other /etc/hostname* /x/
`;

describe.skipIf(!HAS_TMUX)('in a terminal', () => {
  afterEach(close);

  test('steps are a list with their times, with the last output below the one that runs', async () => {
    world.write('app/Dockerfile', GATED);
    open(`${BERTH} image build app`);

    await shows('· [other 2/2] RUN');
    await shows('     waiting');
    const during = screen();
    openGate();
    expect(await exitCode()).toBe('0');

    expect(during).toMatch(/✔ \[.* 1\/\d\] FROM host.* \d+\.\d+ s/);
    expect(screen()).toMatch(/✔ \[other 2\/2\] RUN .*\d+\.\d+ s/);
    expect(screen()).not.toContain('     waiting');
    expect(screen()).toContain('built without a name');
    expect(hasCursor()).toBe(true);
  });

  test('a step that fails is shown with its line, the caret and what it printed', async () => {
    world.write('bad/Dockerfile', 'FROM host\n\nRUN echo so far && \\\n  echo this broke >&2 && exit 3\n');
    open(`${BERTH} image build bad`);

    expect(await exitCode()).toBe('1');

    const shown = screen();
    expect(shown).toMatch(/✖ \[0 2\/2\] RUN echo so far/);
    expect(shown).toContain('error: the step failed with exit code 3');
    expect(shown).toContain('  this broke');
    expect(shown).toMatch(/--> .*bad\/Dockerfile:3:1/);
    expect(shown).toMatch(/3 \| RUN echo so far[^\n]*\n\s*\| \^/);
    expect(hasCursor()).toBe(true);
  });

  test('Ctrl-C ends the build and its step', async () => {
    rmSync(join(world.dataRoot, 'build/mounts'), { recursive: true, force: true });
    world.write('app/Dockerfile', GATED);
    open(`${BERTH} image build --no-cache app`);

    await shows('     waiting');
    type('C-c');

    expect(await exitCode()).toBe('130');
    expect(screen()).toContain('ending the build');
    close();
    await eventually(() => world.leaks().every((line) => line.startsWith('files: + ')), 30_000);
  });
});

function openGate(): void {
  world.berth('image', 'build', '--no-cache', '-f', world.write('Gate', GATE), 'app');
}

const GATE = 'FROM host\nRUN --mount=type=cache,id=gate,target=/g touch /g/open\n';
