/** `berth cp`: files between this machine and containers, running or not. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { executorPath } from '../runtime/executor-path.ts';
import { fileTrees } from '../runtime/file-trees.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { noteLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';
import { type Copier, copyFrom, copyTo } from './copy-files.ts';
import { DRY_RUN_FLAG, STACK_FLAGS, type StackFlagValues, stackNameFromFlags } from './stack-flags.ts';

export type Copied = { readonly container: string; readonly from: string; readonly to: string };

export default class Cp extends BerthCommand {
  static override summary = 'copy files between containers of a service and this machine';
  static override enableJsonFlag = true;
  static override args = {
    source: Args.string({
      required: true,
      description: 'SERVICE:PATH, CONTAINER:PATH, a path here, or - for a tar stream',
    }),
    target: Args.string({ required: true, description: 'the same; one of the two is here' }),
  };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    archive: Flags.boolean({ char: 'a', summary: 'keep owners (their numbers)' }),
    'follow-link': Flags.boolean({ char: 'L', summary: 'copy what SOURCE leads to, when it is a link' }),
    index: Flags.integer({ summary: 'number of the replica; without it: from the first, to all' }),
    all: Flags.boolean({ summary: 'to containers of `run` too' }),
  };
  static override examples = [
    '<%= config.bin %> cp web:/etc/nginx/nginx.conf .',
    '<%= config.bin %> cp ./seed/. db:/docker-entrypoint-initdb.d',
    '<%= config.bin %> cp web:/var/log - | tar -t',
  ];

  async run(): Promise<Copied[]> {
    const { args, flags } = await this.parse(Cp);
    const [source, target] = [parsePlace(args.source), parsePlace(args.target)];
    const there = source.owner === undefined ? target : source;
    if ((source.owner === undefined) === (target.owner === undefined)) {
      throw new BerthError('USAGE', 'one of the two has to be in a container, the other here', {
        hint: 'write SERVICE:PATH for the one in a container',
      });
    }
    const engine = await this.engine();
    const outward = there === source;
    const containers = await findContainers(engine, there.owner!, { flags, outward });
    if (args.source === '-' && containers.length > 1) {
      const hint = `choose one of ${containers.length} with --index`;
      throw new BerthError('USAGE', 'a tar stream goes into one container', { hint });
    }
    const interrupt = listenForInterrupt('ending the copy');
    const copier: Copier = {
      engine,
      trees: fileTrees(executorPath()),
      archive: flags.archive,
      follow: flags['follow-link'],
      signal: interrupt.signal,
    };
    try {
      const copied: Copied[] = [];
      for (const container of containers) {
        const one = { container, from: source.path, to: target.path };
        if (flags['dry-run']) this.print([`would copy ${args.source} to ${args.target} (${container})`]);
        else if (outward) await copyFrom(copier, one);
        else await copyTo(copier, one);
        copied.push(one);
        if (!flags['dry-run'] && !this.jsonEnabled() && args.target !== '-')
          noteLine(`copied ${args.source} to ${outward ? args.target : `${container}:${target.path}`}`);
      }
      return copied;
    } finally {
      interrupt.close();
    }
  }
}

type Place = { readonly owner: string | undefined; readonly path: string };

/** As docker reads it: what begins with `/` or `.` is here, whatever colons it has. */
function parsePlace(text: string): Place {
  const at = text.indexOf(':');
  if (at <= 0 || text.startsWith('/') || text.startsWith('.')) return { owner: undefined, path: text };
  return { owner: text.slice(0, at), path: text.slice(at + 1) || '/' };
}

type Search = {
  readonly flags: StackFlagValues & { readonly index?: number; readonly all: boolean };
  readonly outward: boolean;
};

/** Names of a service's containers, or the one of that name on this machine. */
async function findContainers(engine: Engine, owner: string, { flags, outward }: Search): Promise<string[]> {
  const everything = await engine.containers({ all: true });
  const stack = await stackNameFromFlags(flags).catch(ignoreNoFile);
  const own = everything.filter((row) => row.Project === stack && row.Service === owner);
  /* A container of `run` is no replica: its number is 0. */
  const replicas = own.filter((row) => flags.all || row.Replica > 0).sort((a, b) => a.Replica - b.Replica);
  if (flags.index !== undefined && own.length > 0) {
    const chosen = replicas.find((row) => row.Replica === flags.index);
    if (chosen) return [chosen.Name];
    throw new BerthError('CONTAINER_NOT_FOUND', `service ${owner} has no replica ${flags.index}`, {
      hint: `it has ${replicas.map((row) => row.Replica).join(', ')}`,
    });
  }
  if (replicas.length > 0) return (outward ? replicas.slice(0, 1) : replicas).map((row) => row.Name);
  const named = everything.find((row) => row.Name === owner || (owner.length >= 4 && row.ID.startsWith(owner)));
  if (named) return [named.Name];
  const services = [...new Set(everything.filter((row) => row.Project === stack).map((row) => row.Service))];
  throw new BerthError('SERVICE_NOT_FOUND', `there is neither a service nor a container ${owner}`, {
    hint: services.length > 0 ? `the stack has ${services.join(', ')}` : 'start it first with `berth up -d`',
  });
}

/** Containers can be named without any stack file. */
function ignoreNoFile(error: unknown): undefined {
  if (error instanceof BerthError && error.code === 'STACK_FILE_NOT_FOUND') return undefined;
  throw error;
}
