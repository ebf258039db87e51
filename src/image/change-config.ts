/**
 * `--change` of commit and import: Dockerfile instructions that change an image's config and need no step.
 */
import { posix } from 'node:path';
import { parseDurationMs } from '../base/duration.ts';
import { BerthError } from '../base/errors.ts';
import type { OciHealthcheck, OciImage } from './image-config.ts';

type Config = NonNullable<OciImage['config']>;
type Change = (config: Config, rest: string) => Config;

const CHANGES: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, Cmd: commandOf(rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: commandOf(rest) }),
  ENV: (config, rest) => ({ ...config, Env: [...without(config.Env, rest), ...pairsOf(rest)] }),
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: healthcheckOf(rest) }),
  LABEL: (config, rest) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(rest).map(split)) },
  }),
  EXPOSE: (config, rest) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...keysOf(ports(rest)) } }),
  VOLUME: (config, rest) => ({ ...config, Volumes: { ...config.Volumes, ...keysOf(listOf(rest)) } }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: rest }),
  USER: (config, rest) => ({ ...config, User: rest }),
  WORKDIR: (config, rest) => ({ ...config, WorkingDir: posix.resolve(config.WorkingDir || '/', rest) }),
};

/** The config after the instructions, one after the other; USAGE for one that is none of these. */
export function changedConfig(config: Config, instructions: readonly string[]): Config {
  return instructions.reduce((before, instruction) => {
    const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*?)\s*$/s.exec(instruction) ?? [];
    const change = CHANGES[name.toUpperCase()];
    if (change) return change(before, rest);
    throw new BerthError('USAGE', `--change ${JSON.stringify(instruction)} is no instruction that changes an image`, {
      hint: `there are ${Object.keys(CHANGES).join(', ')}`,
    });
  }, config);
}

/** `["a", "b"]` as it is, anything else for the shell. */
function commandOf(rest: string): string[] {
  return arrayOf(rest) ?? ['/bin/sh', '-c', rest];
}

const TIMES = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};

/** `NONE`, or `[--interval=5s ...] CMD command`; the config counts in nanoseconds. */
function healthcheckOf(rest: string): OciHealthcheck {
  if (/^none$/i.test(rest)) return { Test: ['NONE'] };
  const [, flags = '', command = ''] = /^((?:--\S+\s+)*)cmd\s+(.+)$/is.exec(rest) ?? [];
  if (command === '') throw healthcheckInvalid(rest);
  const times = flags
    .split(/\s+/)
    .filter(Boolean)
    .map((flag) => healthFlag(flag, rest));
  const list = arrayOf(command);
  return { Test: list ? ['CMD', ...list] : ['CMD-SHELL', command], ...Object.fromEntries(times) };
}

function healthFlag(flag: string, rest: string): [string, number] {
  const [, name = '', value = ''] = /^--([\w-]+)=(.*)$/.exec(flag) ?? [];
  if (name === 'retries' && /^\d{1,6}$/.test(value)) return ['Retries', Number(value)];
  const ms = parseDurationMs(value);
  if (!Object.hasOwn(TIMES, name) || ms === undefined) throw healthcheckInvalid(rest);
  return [TIMES[name as keyof typeof TIMES], ms * 1e6];
}

function healthcheckInvalid(rest: string): BerthError {
  return new BerthError('USAGE', `--change ${JSON.stringify(`HEALTHCHECK ${rest}`)} is no health check`, {
    hint: 'HEALTHCHECK NONE, or HEALTHCHECK --interval=5s --retries=3 CMD COMMAND',
  });
}

function listOf(rest: string): string[] {
  return arrayOf(rest) ?? rest.split(/\s+/);
}

function arrayOf(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(rest);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}

/** `A=1 B="2 3"`, or the old `A 1`. */
function pairsOf(rest: string): string[] {
  if (!/^[^\s=]+=/.test(rest)) return [rest.replace(/^(\S+)\s+/, '$1=')];
  return [...rest.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/g)].map(
    ([, key = '', value = '']) => `${key}=${value.replace(/^(["'])(.*)\1$/s, '$2')}`,
  );
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function without(variables: readonly string[] | null | undefined, rest: string): string[] {
  const names = new Set(pairsOf(rest).map((pair) => split(pair)[0]));
  return (variables ?? []).filter((text) => !names.has(text.split('=', 1)[0]!));
}

function ports(rest: string): string[] {
  return listOf(rest).map((port) => (port.includes('/') ? port : `${port}/tcp`));
}

function keysOf(list: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(list.map((key) => [key, {}]));
}
