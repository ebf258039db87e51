/**
 * Instructions -> stages: what each FROM begins, and the arguments above the first.
 */
import { BerthError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { convertInstruction } from './convert-instruction.ts';
import type { Instruction, InstructionOf } from './instruction.ts';
import { type DockerfileSource, parseDockerfile } from './parse-dockerfile.ts';
import { type ProblemList, problems } from './problems.ts';

export type Stage = {
  readonly index: number;
  readonly name: string | null;
  readonly from: InstructionOf<'from'>;
  readonly instructions: readonly Instruction[];
};

export type Dockerfile = {
  /** For messages; absolute, or what stands for it. */
  readonly file: string;
  readonly source: DockerfileSource;
  /** ARG above the first FROM. */
  readonly globals: readonly InstructionOf<'arg'>[];
  readonly stages: readonly Stage[];
};

/** DOCKERFILE_INVALID with every finding. */
export function readDockerfile(text: string, file: string): Dockerfile {
  const source = parseDockerfile(text, file);
  const found = problems(file, source.lines);
  const instructions = source.nodes.flatMap((node) => convertInstruction(node, found) ?? []);
  const parts = splitStages(instructions, found);
  found.throwIfAny();
  return { file, source, ...parts };
}

/** A trigger's text -> its instruction; DOCKERFILE_INVALID names the image's ONBUILD. */
export function readTrigger(text: string, image: string): Instruction {
  const file = `ONBUILD of ${image}`;
  const source = parseDockerfile(text, file);
  const found = problems(file, source.lines);
  const [instruction] = source.nodes.flatMap((node) => convertInstruction(node, found) ?? []);
  found.throwIfAny();
  const isRefused = instruction?.kind === 'from' || instruction?.kind === 'onbuild';
  if (instruction && !isRefused) return instruction;
  throw new BerthError('DOCKERFILE_INVALID', `the trigger ${JSON.stringify(text)} of image ${image} can not be used`);
}

function splitStages(instructions: readonly Instruction[], found: ProblemList) {
  const globals: InstructionOf<'arg'>[] = [];
  const stages: { index: number; name: string | null; from: InstructionOf<'from'>; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    const stage = stages.at(-1);
    if (instruction.kind === 'from') {
      const { name, line } = instruction;
      if (name !== null && stages.some((other) => other.name === name)) {
        found.add({ line, message: `there are two stages ${name}`, hint: 'give one of them another name' });
      }
      stages.push({ index: stages.length, name, from: instruction, instructions: [] });
    } else if (stage) stage.instructions.push(instruction);
    else if (instruction.kind === 'arg') globals.push(instruction);
    else {
      found.add({
        line: instruction.line,
        message: 'only ARG can stand before the first FROM',
        hint: 'begin with FROM',
      });
    }
  }
  if (stages.length === 0 && found.isEmpty()) {
    found.add({ line: 1, message: 'there is no FROM', hint: 'begin with FROM host, FROM scratch or FROM IMAGE' });
  }
  return { globals, stages };
}

/** The stage of a name or number among those before `before`; names win. */
export function findStage(stages: readonly Stage[], word: string, before = stages.length): Stage | undefined {
  const known = stages.slice(0, before);
  const named = known.findLast((stage) => stage.name === word.toLowerCase());
  return named ?? (/^\d+$/.test(word) ? known[Number(word)] : undefined);
}

/** The stage that is built: --target, else the last. DOCKERFILE_INVALID with did-you-mean. */
export function targetStage({ stages, file }: Dockerfile, target: string | null): Stage {
  const stage = target === null ? stages.at(-1) : findStage(stages, target);
  if (stage) return stage;
  const names = stages.flatMap(({ name }) => name ?? []);
  const near = nearest(target ?? '', names);
  const list = names.length === 0 ? 'no stage has a name' : `stages: ${names.join(', ')}`;
  throw new BerthError('DOCKERFILE_INVALID', `there is no stage ${target} in ${file}`, {
    hint: near === undefined ? list : `did you mean ${near}?`,
  });
}
