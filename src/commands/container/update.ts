/** `berth container update`: other limits for containers that exist, running or not. */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { Resources } from '../../model/resources.ts';
import type { RestartPolicy } from '../../model/stack.ts';
import { flagsFileText, withFlagErrors } from '../flags-file.ts';
import { CONTAINER_ARG, ContainerCommand } from './container-command.ts';
import { LIMIT_FLAGS } from './container-flags.ts';
import { limitValues } from './container-values.ts';

export default class ContainerUpdate extends ContainerCommand {
  static override summary = 'change limits and the restart policy of containers, which run on';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    ...LIMIT_FLAGS,
    restart: Flags.string({ summary: 'no, always, unless-stopped, on-failure[:N]' }),
  };
  static override examples = [
    '<%= config.bin %> container update -m 256m web',
    '<%= config.bin %> container update --restart always web db',
  ];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerUpdate);
    const values = { ...limitValues(flags), restart: flags.restart };
    if (Object.values(values).every((value) => value === undefined)) {
      throw new BerthError('USAGE', 'update needs something to change', {
        hint: 'see `berth container update --help`',
      });
    }
    const { resources, restart } = await readLimits(values);
    const engine = await this.engine();
    return await this.each(engine, argv as string[], (row) =>
      engine.updateContainers({ containers: [row.ID], resources, restart: flags.restart ? restart : undefined }),
    );
  }
}

type Limits = { readonly resources: Partial<Resources>; readonly restart: RestartPolicy };

/** Only what was asked for: the rest stays as it is. */
async function readLimits(values: ReturnType<typeof limitValues>): Promise<Limits> {
  const { loadStack } = await import('../../stackfile/load-stack.ts');
  const flagsText = flagsFileText({ service: 'update', values: { image: 'host', ...values } });
  const request = { cwd: '/', env: {}, files: [], profiles: [], envFiles: [], projectName: 'container' };
  const { stack } = await withFlagErrors(() => loadStack({ ...request, flagsText, flagsOnly: true }));
  const { resources, restart } = stack.services[0]!;
  const given = Object.entries(resources).filter(([, value]) => value !== null);
  return { resources: Object.fromEntries(given), restart };
}
