/**
 * Where the executor's binary is.
 *
 * BERTH_EXECUTOR, else dist/executor below the package's folder, which is
 * found upwards from this file: the source and the bundled command lie at
 * different depths.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BerthError } from '../base/errors.ts';

/** Absolute path; UNSUPPORTED_PLATFORM or RUNTIME_FAILED when there is none. */
export function executorPath(env: NodeJS.ProcessEnv = process.env): string {
  const path = env.BERTH_EXECUTOR ?? join(packageRoot(), 'dist', 'executor', `berth-executor-${process.arch}`);
  if (existsSync(path)) return path;
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new BerthError('UNSUPPORTED_PLATFORM', `berth does not run on ${process.arch}: only on x64 and arm64`);
  }
  throw new BerthError('RUNTIME_FAILED', `the executor ${path} is missing`, { hint: 'run `npm run build`' });
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder);
  return folder;
}
