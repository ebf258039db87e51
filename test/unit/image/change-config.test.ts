/** --change: the instructions that need no step. */
import { expect, test } from 'vitest';
import { changedConfig } from '../../../src/image/change-config.ts';

test('each instruction changes its own part, later ones on top of earlier ones', () => {
  const config = changedConfig({ Env: ['A=1', 'B=2'], Labels: { old: 'x' } }, [
    'ENV A=3 C="four five"',
    'ENV D six',
    'LABEL new=y',
    'CMD ["a", "b"]',
    'entrypoint run it',
    'EXPOSE 80 53/udp',
    'VOLUME ["/data"]',
    'USER app',
    'WORKDIR /srv',
    'STOPSIGNAL SIGINT',
  ]);

  expect(config).toEqual({
    Env: ['B=2', 'A=3', 'C=four five', 'D=six'],
    Labels: { old: 'x', new: 'y' },
    Cmd: ['a', 'b'],
    Entrypoint: ['/bin/sh', '-c', 'run it'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Volumes: { '/data': {} },
    User: 'app',
    WorkingDir: '/srv',
    StopSignal: 'SIGINT',
  });
});

test.each(['RUN true', 'FROM x', 'nonsense', ''])('%j is refused', (instruction) => {
  expect(() => changedConfig({}, [instruction])).toThrow('is no instruction that changes an image');
});
