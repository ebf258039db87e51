/**
 * `--change` of commit and import: Dockerfile instructions that change an image's config and need no step.
 */
import { BerthError } from '../base/errors.ts';
import type { OciImage } from './image-config.ts';

type Config = NonNullable<OciImage['config']>;
type Change = (config: Config, rest: string) => Config;

const CHANGES: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, Cmd: commandOf(rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: commandOf(rest) }),
  ENV: (config, rest) => ({ ...config, Env: [...without(config.Env, rest), ...pairsOf(rest)] }),
  LABEL: (config, rest) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(rest).map(split)) },
  }),
  EXPOSE: (config, rest) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...keysOf(ports(rest)) } }),
  VOLUME: (config, rest) => ({ ...config, Volumes: { ...config.Volumes, ...keysOf(listOf(rest)) } }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: rest }),
  USER: (config, rest) => ({ ...config, User: rest }),
  WORKDIR: (config, rest) => ({ ...config, WorkingDir: rest }),
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
