/**
 * What commands on containers by name share: the list of names, and docker's way to answer for each.
 */
import * as Args from '@oclif/core/args';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine } from '../../engine/engine.ts';
import { printError } from '../../ui/print-error.ts';
import { BerthCommand } from '../berth-command.ts';

export const CONTAINER_ARG = { container: Args.string({ required: true, description: 'name or id of a container' }) };

export abstract class ContainerCommand extends BerthCommand {
  /**
   * Does the work for each, all at once. The name of each that worked is
   * printed, the failure of each that did not; one failure makes the exit code 1.
   */
  protected async each(
    engine: Engine,
    names: readonly string[],
    work: (row: ContainerSummary) => Promise<unknown>,
  ): Promise<string[]> {
    const done = await Promise.all(
      names.map(async (name) => {
        try {
          const [row] = await engine.containers({ all: true, names: [name] });
          await work(row!);
          return name;
        } catch (error) {
          printError(error);
          process.exitCode = 1;
          return undefined;
        }
      }),
    );
    const worked = done.filter((name) => name !== undefined);
    this.print(worked);
    return worked;
  }
}

/** The request that means this one container. */
export function requestFor(row: ContainerSummary) {
  return { stack: row.Project, services: [], containers: [row.ID] };
}
