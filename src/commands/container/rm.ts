/** `berth container rm`: removes containers. */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine } from '../../engine/engine.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { CONTAINER_ARG, ContainerCommand, requestFor } from './container-command.ts';

type How = { readonly force: boolean; readonly volumes: boolean; readonly dryRun: boolean };

export default class ContainerRm extends ContainerCommand {
  static override summary = 'remove containers';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    ...DRY_RUN_FLAG,
    force: Flags.boolean({ char: 'f', summary: 'kill those that run; say nothing of those that are not there' }),
    volumes: Flags.boolean({ char: 'v', summary: 'remove their anonymous volumes too, with their data' }),
  };
  static override examples = ['<%= config.bin %> container rm web', '<%= config.bin %> container rm -fv web db'];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerRm);
    const engine = await this.engine();
    const how: How = { force: flags.force, volumes: flags.volumes, dryRun: flags['dry-run'] };
    const names = flags.force ? await present(engine, argv as string[]) : (argv as string[]);
    return await this.each(engine, names, (row) => remove(engine, row, how));
  }
}

async function remove(engine: Engine, row: ContainerSummary, { force, volumes, dryRun }: How): Promise<void> {
  const busy = row.Pid !== 0 || row.State === 'restarting';
  if (busy && !force) {
    throw new BerthError('REQUEST_INVALID', `container ${row.Name} is ${row.State}: it is not removed`, {
      hint: `stop it first, or \`berth container rm -f ${row.Name}\``,
    });
  }
  await engine.remove({ ...requestFor(row), stop: force, volumes, graceMs: 0, dryRun });
}

async function present(engine: Engine, names: readonly string[]): Promise<string[]> {
  const rows = await engine.containers({ all: true });
  return names.filter((name) => rows.some((row) => row.Name === name || row.ID.startsWith(name)));
}
