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

test('a health check is counted in nanoseconds, and a folder goes on from the one before', () => {
  const config = changedConfig({ WorkingDir: '/srv' }, [
    'HEALTHCHECK --interval=5s --timeout=1m --start-interval=500ms --retries=4 CMD curl -f localhost',
    'WORKDIR app',
  ]);

  expect(config).toEqual({
    WorkingDir: '/srv/app',
    Healthcheck: {
      Test: ['CMD-SHELL', 'curl -f localhost'],
      Interval: 5e9,
      Timeout: 60e9,
      StartInterval: 5e8,
      Retries: 4,
    },
  });
  expect(changedConfig({}, ['HEALTHCHECK CMD ["a", "b"]']).Healthcheck).toEqual({ Test: ['CMD', 'a', 'b'] });
  expect(changedConfig({}, ['healthcheck none']).Healthcheck).toEqual({ Test: ['NONE'] });
});

test.each(['HEALTHCHECK', 'HEALTHCHECK true', 'HEALTHCHECK --interval=soon CMD x', 'HEALTHCHECK --often=1s CMD x'])(
  '%j is refused',
  (instruction) => {
    expect(() => changedConfig({}, [instruction])).toThrow(/is no (health check|instruction)/);
  },
);

test.each(['RUN true', 'FROM x', 'nonsense', ''])('%j is refused', (instruction) => {
  expect(() => changedConfig({}, [instruction])).toThrow('is no instruction that changes an image');
});
