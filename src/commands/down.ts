/** `berth down`: takes the stack away; data stays unless asked otherwise. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { DownResult, Engine, Watch } from '../engine/engine.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { planLines } from '../ui/print-plan.ts';
import { showProgress } from '../ui/show-progress.ts';
import { containersOf, namesOnlyProviders, providersToTell, tellingLines, tellProviders } from './ask-providers.ts';
import { BerthCommand } from './berth-command.ts';
import {
  DRY_RUN_FLAG,
  parallelLimit,
  STACK_FLAGS,
  secondsToMs,
  stackFolderFromFlags,
  stackNameFromFlags,
} from './stack-flags.ts';

export default class Down extends BerthCommand {
  static override summary = "stop and remove the stack's containers and networks";
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    volumes: Flags.boolean({ char: 'v', summary: 'remove its volumes too, with their data, and kept logs' }),
    rmi: Flags.string({
      options: ['all', 'local'],
      summary:
        'remove images its containers were made of: all, or only those that were built without a name of their own',
    }),
    timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
    'remove-orphans': Flags.boolean({
      summary: 'accepted for scripts: down always removes all containers of the stack',
    }),
  };
  static override examples = ['<%= config.bin %> down', '<%= config.bin %> down -v'];

  async run(): Promise<DownResult> {
    const { flags, argv } = await this.parse(Down);
    const dryRun = flags['dry-run'];
    const stack = await stackNameFromFlags(flags);
    const folder = await stackFolderFromFlags(flags);
    const telling = await providersToTell(flags, argv as string[], this.jsonEnabled());
    const services = containersOf(telling);
    const engine = await this.engine();
    const interrupt = listenForInterrupt('ending after the steps that run; Ctrl-C again to leave at once');
    try {
      const images = flags.rmi ? await imagesToRemove(engine, { stack, services, local: flags.rmi === 'local' }) : [];
      const how = { stack, graceMs: secondsToMs(flags.timeout), dryRun, parallel: parallelLimit() };
      const call = async (watch: Watch): Promise<DownResult> =>
        namesOnlyProviders(telling)
          ? { plan: { stack, steps: [] }, keptVolumes: [] }
          : services.length === 0
            ? await engine.down({ ...how, folder, removeVolumes: flags.volumes }, watch)
            : {
                ...(await engine.remove({ ...how, services, stop: true, volumes: flags.volumes }, watch)),
                keptVolumes: [],
              };
      const quiet = this.jsonEnabled() || dryRun;
      const result = await showProgress({ signal: interrupt.signal, quiet }, call);
      if (!namesOnlyProviders(telling)) this.print(dryRun ? planLines(result.plan) : summaryLines(stack, result));
      if (dryRun) this.print(tellingLines(telling, 'down'));
      else await tellProviders(telling, 'down');
      for (const image of images)
        this.print([dryRun ? `image ${image} would be removed` : await removeImage(engine, image)]);
      return result;
    } finally {
      interrupt.close();
    }
  }
}

type ImageScope = { readonly stack: string; readonly services: readonly string[]; readonly local: boolean };

/** `local`: those with the name that a build gives when the file gives none. */
async function imagesToRemove(engine: Engine, { stack, services, local }: ImageScope): Promise<string[]> {
  const rows = await engine.containers({ stack, services, all: true });
  const used = rows.filter(
    (row) => row.Image !== 'host' && (!local || row.Image.split(':')[0] === `${stack}-${row.Service}`),
  );
  return [...new Set(used.map((row) => row.Image))];
}

/** One that others still use, or that is gone, is no failure of down. */
async function removeImage(engine: Engine, image: string): Promise<string> {
  try {
    await engine.imageRemove(image);
    return `image ${image} removed`;
  } catch (error) {
    if (!(error instanceof BerthError) || !['IMAGE_IN_USE', 'IMAGE_NOT_FOUND'].includes(error.code)) throw error;
    return `image ${image} kept: ${error.message}`;
  }
}

function summaryLines(stack: string, { plan, keptVolumes }: DownResult): string[] {
  return [
    ...(plan.steps.length === 0 ? [`${stack} is not up: nothing to do`] : []),
    ...(keptVolumes.length > 0 ? [`kept: ${keptText(keptVolumes)} (\`berth down -v\` removes them)`] : []),
  ];
}

/** Names that were made up tell nobody anything. */
function keptText(volumes: readonly string[]): string {
  const named = volumes.filter((name) => !/^[0-9a-f]{64}$/.test(name)).map((name) => `volume ${name}`);
  const others = volumes.length - named.length;
  const text = others === 0 ? [] : [`${others} anonymous volume${others === 1 ? '' : 's'}`];
  return [...named, ...text].join(', ');
}
