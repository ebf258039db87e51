/**
 * Which folder a stack's things belong to: two folders may give their stacks one name without touching each other's.
 *
 * A stack is its name and the folder of its files. Whoever comes with the same
 * name from elsewhere is told, and has to ask for it by name.
 */
import { BerthError } from '../base/errors.ts';
import type { Stack } from '../model/stack.ts';
import type { Volume } from '../volume/volume.ts';
import type { World } from './world.ts';

/** Label of volumes: the folder of the stack that made them. */
export const FOLDER_LABEL = 'berth.folder';

/** STACK_ELSEWHERE when the stack of that name is up from another folder. */
export function refuseOtherFolder(
  world: World,
  stack: Pick<Stack, 'name' | 'projectDir'>,
  action: 'up' | 'down',
): void {
  const known = world.store.stacks.get(stack.name)?.stack;
  if (!known || identityOf(known.projectDir) === identityOf(stack.projectDir) || known.files.length === 0) return;
  if (!world.store.containers.all().some((c) => c.stack === stack.name)) return;
  throw elsewhere(stack.name, known, action);
}

/** The same for `--remove-orphans` from other files of one folder: what looks like an orphan is the other file's. */
export function refuseForeignOrphans(world: World, stack: Stack): void {
  const known = world.store.stacks.get(stack.name)?.stack;
  const files = stack.files.map(identityOf);
  const isOfStack = (file: string) => files.includes(identityOf(file));
  if (!known || known.files.length === 0 || known.files.some(isOfStack)) return;
  const own = new Set(stack.services.map((s) => s.name));
  const foreign = known.services.filter((s) => !own.has(s.name)).map((s) => s.name);
  if (foreign.length === 0) return;
  throw new BerthError(
    'STACK_ELSEWHERE',
    `stack ${stack.name} is up from ${known.files.join(', ')}: its ${foreign.join(', ')} would be removed as orphans`,
    { hint: `give this one another name (-p NAME), or end that one first: \`berth -f ${known.files[0]} down\`` },
  );
}

/** What was fetched has a folder for each commit or digest (source/source-cache.ts): they are one stack's. */
function identityOf(path: string): string {
  return path.replace(/(\/sources\/(?:git|oci)\/.+?\/)(?:[0-9a-f]{40}|[0-9a-f]{64})(?=\/)/, '$1VERSION');
}

function elsewhere(name: string, known: Stack, action: 'up' | 'down'): BerthError {
  const from = known.files[0] ?? known.projectDir;
  const hint =
    action === 'up'
      ? 'give this one another name: `name:` in the file, or -p NAME; to take that one over, end it first with `berth -p NAME down`'
      : 'to end that one, name it: `berth -p NAME down`';
  return new BerthError('STACK_ELSEWHERE', `a stack with the name ${name} is up from another folder: ${from}`, {
    hint: hint.replaceAll('-p NAME down', `-p ${name} down`),
  });
}

/** Volumes of a stack, those of its own folder and those of another with the same name. */
export function volumesByFolder(world: World, stack: string, folder: string | undefined) {
  const all = world.volumes.list().filter((v) => v.labels['com.docker.compose.project'] === stack);
  const isOwn = (volume: Volume) => {
    const made = volume.labels[FOLDER_LABEL];
    return made === undefined || folder === undefined || identityOf(made) === identityOf(folder);
  };
  return { own: all.filter(isOwn), foreign: all.filter((volume) => !isOwn(volume)) };
}
