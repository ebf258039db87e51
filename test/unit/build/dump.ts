/** A read Dockerfile as text, one instruction a line. */
import type { DockerfileSource, SourceNode } from '../../../src/build/dockerfile/parse-dockerfile.ts';

export function dump({ nodes }: DockerfileSource): string {
  return nodes.map(dumpNode).join('\n');
}

function dumpNode({ name, flags, args, inner }: SourceNode): string {
  const shownFlags = flags.length === 0 ? [] : [`[${flags.map(quote).join(' ')}]`];
  const shownArgs = inner ? [dumpNode(inner)] : args.map(quote);
  return `(${[name, ...shownFlags, ...shownArgs].join(' ')})`;
}

const NAMED: Readonly<Record<string, string>> = { '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quote(text: string): string {
  const escaped = text
    .replace(/["\\]/g, (sign) => `\\${sign}`)
    .replace(/[\u0000-\u001f]/g, (sign) => NAMED[sign] ?? `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${escaped}"`;
}
