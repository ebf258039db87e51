/**
 * The .dockerignore files that count for what a service watches: those of its build's contexts.
 */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readIgnoreFile } from '../../base/ignore-patterns.ts';
import type { ServiceBuild } from '../../model/service-build.ts';
import type { ContextIgnore } from '../../watch/rule-filter.ts';

/** As for a build: DOCKERFILE.dockerignore wins over the context's own. */
export function contextIgnores(build: ServiceBuild | null): ContextIgnore[] {
  if (!build || !isAbsolute(build.context)) return [];
  const folder = build.context;
  const beside = build.dockerfile === null ? [] : [`${join(folder, build.dockerfile)}.dockerignore`];
  for (const file of [...beside, join(folder, '.dockerignore')]) {
    const text = textOf(file);
    if (text !== undefined) return [{ folder, patterns: readIgnoreFile(text) }];
  }
  return [];
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
