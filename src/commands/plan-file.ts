/**
 * A plan in a file: the request it was made for, and its steps.
 *
 * It holds the stack with its variables filled in, so only its owner may read it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { BerthError, errnoOf } from '../base/errors.ts';
import type { UpRequest } from '../engine/engine.ts';
import type { Plan } from '../engine/plan.ts';

const FORMAT = 'berth-plan-1';

/** 0: nothing to do; 2: there are changes. */
export function planExitCode(plan: Plan): number {
  return plan.steps.length === 0 ? 0 : 2;
}

type PlanFile = { readonly format: string; readonly request: UpRequest; readonly plan: Plan };

export async function writePlanFile(path: string, request: UpRequest, plan: Plan): Promise<void> {
  const file: PlanFile = { format: FORMAT, request, plan };
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}

/** The request that carries out exactly the plan of the file. USAGE when it is none. */
export async function readPlanFile(path: string): Promise<UpRequest> {
  const file = parse(await readText(path));
  if (file?.format !== FORMAT || !file.request?.stack || !Array.isArray(file.plan?.steps)) {
    throw new BerthError('USAGE', `${path} is no plan of this version of berth`, {
      hint: 'make one with `berth plan -o FILE`',
    });
  }
  return { ...file.request, expected: file.plan.steps };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause;
    throw new BerthError('USAGE', `there is no file ${path}`, { hint: 'make it with `berth plan -o FILE`', cause });
  }
}

function parse(text: string): Partial<PlanFile> | undefined {
  try {
    return JSON.parse(text) as Partial<PlanFile>;
  } catch {
    return undefined;
  }
}
