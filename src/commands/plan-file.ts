/**
 * A plan in a file: the request it was made for, and its steps.
 *
 * It holds the stack with its variables filled in, so only its owner may read it. Values of secrets are not in it: they
 * are taken from the same variables when the plan is carried out.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { BerthError, errnoOf } from '../base/errors.ts';
import { secretMark } from '../base/secret-mark.ts';
import type { UpRequest } from '../engine/engine.ts';
import type { Plan } from '../engine/plan.ts';
import type { SecretValues } from '../model/stack.ts';

const FORMAT = 'berth-plan-1';

/** 0: nothing to do; 2: there are changes. */
export function planExitCode(plan: Plan): number {
  return plan.steps.length === 0 ? 0 : 2;
}

type PlanFile = { readonly format: string; readonly request: UpRequest; readonly plan: Plan };

export async function writePlanFile(path: string, request: UpRequest, plan: Plan): Promise<void> {
  const { secrets: _, ...rest } = request;
  const file: PlanFile = { format: FORMAT, request: rest, plan };
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
  return { ...file.request, secrets: secretsOf(file.request), expected: file.plan.steps };
}

/** USAGE when a variable is not set, or has another value than the plan was made with. */
function secretsOf({ stack }: UpRequest): SecretValues {
  const values: Record<string, string> = {};
  for (const mount of stack.services.flatMap((service) => service.mounts)) {
    if (mount.kind !== 'file' || mount.content.kind !== 'secret-value') continue;
    const { variable, mark } = mount.content;
    const value = process.env[variable];
    if (value === undefined || secretMark(mount.name, value) !== mark) {
      const why = value === undefined ? 'is not set' : 'has another value than when the plan was made';
      throw new BerthError('USAGE', `the secret ${mount.name} needs the variable ${variable}, which ${why}`, {
        hint: 'set it, or make the plan again with `berth plan -o FILE`',
      });
    }
    values[mount.name] = value;
  }
  return values;
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
