/**
 * Writes schema.json from the shapes that also check stack files; a unit test holds the two together.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const { outputFiles } = await build({
  entryPoints: [join(ROOT, 'src/stackfile/stack-schema.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const { stackSchemaText } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
writeFileSync(join(ROOT, 'schema.json'), stackSchemaText());
