/**
 * The rules, by the names that everybody knows them by (docs.docker.com/reference/build-checks).
 */
import type { Instruction } from '../dockerfile/instruction.ts';
import type { SourceNode } from '../dockerfile/parse-dockerfile.ts';
import type { Dockerfile, Stage } from '../dockerfile/stages.ts';
import type { BuildGraph } from '../graph/build-graph.ts';

export type Finding = { readonly line: number; readonly message: string; readonly hint?: string };
type Rule = (file: Dockerfile, graph: BuildGraph) => Finding[];

export const RULES: Readonly<Record<string, Rule>> = {
  StageNameCasing: ({ source }) =>
    nodesNamed(source.nodes, 'from').flatMap(({ args, line }) =>
      args[2] !== undefined && args[2] !== args[2].toLowerCase()
        ? [{ line, message: `the stage name ${args[2]} has capital letters`, hint: `write ${args[2].toLowerCase()}` }]
        : [],
    ),

  FromAsCasing: ({ source }) =>
    nodesNamed(source.nodes, 'from').flatMap(({ args, line, written }) =>
      args[1] !== undefined && isUpper(args[1]) !== isUpper(written)
        ? [{ line, message: `${written} and ${args[1]} are written differently`, hint: 'write both in capitals' }]
        : [],
    ),

  ConsistentInstructionCasing: ({ source }) => {
    const upper = source.nodes.filter(({ written }) => isUpper(written)).length;
    const wantsUpper = upper * 2 >= source.nodes.length;
    return source.nodes
      .filter(({ written }) => (wantsUpper ? !isUpper(written) : written !== written.toLowerCase()))
      .map(({ written, line }) => ({ line, message: `${written} is written unlike most instructions here` }));
  },

  NoEmptyContinuation: ({ source }) =>
    source.emptyContinuations.map((line) => ({
      line,
      message: 'an empty line stands within the instruction',
      hint: 'remove it: later versions of the language end the instruction there',
    })),

  ReservedStageName: ({ stages }) =>
    stages
      .filter(({ name }) => name === 'scratch' || name === 'context' || name === 'host')
      .map(({ name, from }) => ({
        line: from.line,
        message: `${name} means something else, a stage should not be called so`,
      })),

  MaintainerDeprecated: ({ source }) =>
    nodesNamed(source.nodes, 'maintainer').map(({ line }) => ({
      line,
      message: 'MAINTAINER is out of use',
      hint: 'write LABEL org.opencontainers.image.authors="..."',
    })),

  LegacyKeyValueFormat: ({ source }) =>
    source.nodes
      .filter(({ name, args }) => (name === 'env' || name === 'label') && args[2] === '')
      .map(({ line, written, args }) => ({
        line,
        message: `${written} is written in its old form`,
        hint: `write ${written} ${args[0]}=VALUE`,
      })),

  JSONArgsRecommended: ({ stages }) =>
    lastOf(stages, ['cmd', 'entrypoint']).flatMap((instruction) =>
      (instruction.kind === 'cmd' || instruction.kind === 'entrypoint') && instruction.command.kind === 'shell'
        ? [
            {
              line: instruction.line,
              message: `the shell of this ${instruction.kind.toUpperCase()} does not pass signals on`,
              hint: `write it as a list: ${instruction.kind.toUpperCase()} ["program", "argument"]`,
            },
          ]
        : [],
    ),

  MultipleInstructionsDisallowed: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      (['cmd', 'entrypoint', 'healthcheck'] as const).flatMap((kind) => {
        const same = instructions.filter((instruction) => instruction.kind === kind);
        return same.slice(0, -1).map(({ line }) => ({
          line,
          message: `only the last ${kind.toUpperCase()} of a stage counts`,
          hint: 'remove this one',
        }));
      }),
    ),

  WorkdirRelativePath: ({ stages }) =>
    stages.flatMap(({ instructions, from }) => {
      if (stages.some(({ name }) => name === from.image.toLowerCase())) return [];
      const first = instructions.find(({ kind }) => kind === 'workdir');
      return first?.kind === 'workdir' && !/^[/$]/.test(first.value)
        ? [
            {
              line: first.line,
              message: `WORKDIR ${first.value} depends on the image below`,
              hint: `write /${first.value}`,
            },
          ]
        : [];
    }),

  UndefinedArgInFrom: ({ globals, stages }) => {
    const known = new Set([...globals.flatMap(({ args }) => args.map(({ name }) => name)), ...PREDEFINED]);
    return stages.flatMap(({ from }) =>
      variablesIn(from.image)
        .filter((name) => !known.has(name))
        .map((name) => ({ line: from.line, message: `FROM uses ${name}, which no ARG above the first FROM names` })),
    );
  },

  InvalidDefaultArgInFrom: ({ globals, stages }) => {
    const empty = new Set(
      globals.flatMap(({ args }) => args.flatMap(({ name, value }) => (value === null ? [name] : []))),
    );
    return stages.flatMap(({ from }) =>
      variablesIn(from.image)
        .filter((name) => empty.has(name) && !from.image.includes(`\${${name}:-`))
        .map((name) => ({
          line: from.line,
          message: `FROM can not be read without --build-arg ${name}=VALUE`,
          hint: `give ARG ${name} a value of its own`,
        })),
    );
  },

  UndefinedVar: ({ stages, globals }) => stages.flatMap((stage) => undefinedVariables(stage, { stages, globals })),

  SecretsUsedInArgOrEnv: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap((instruction) => {
        const names =
          instruction.kind === 'arg'
            ? instruction.args.map(({ name }) => name)
            : instruction.kind === 'env'
              ? instruction.pairs.map(({ name }) => name)
              : [];
        return names.filter(isSecret).map((name) => ({
          line: instruction.line,
          message: `${name} looks like a secret, and stays readable in the image`,
          hint: `use RUN --mount=type=secret,id=${name.toLowerCase()}`,
        }));
      }),
    ),

  FromPlatformFlagConstDisallowed: ({ stages }) =>
    stages
      .filter(({ from }) => from.platform !== null && !from.platform.includes('$'))
      .map(({ from }) => ({
        line: from.line,
        message: `--platform=${from.platform} is fixed: it builds nowhere else`,
      })),

  RedundantTargetPlatform: ({ stages }) =>
    stages
      .filter(({ from }) => /^\$\{?TARGETPLATFORM\}?$/.test(from.platform ?? ''))
      .map(({ from }) => ({ line: from.line, message: '--platform=$TARGETPLATFORM is what is meant without it' })),

  ExposeProtoCasing: ({ stages }) =>
    exposed(stages).flatMap(({ line, value }) =>
      /\/[a-z]*[A-Z]/.test(value) ? [{ line, message: `${value}: the protocol is written in small letters` }] : [],
    ),

  ExposeInvalidFormat: ({ stages }) =>
    exposed(stages).flatMap(({ line, value }) =>
      /^[\d.]+:/.test(value) ? [{ line, message: `${value}: EXPOSE names the container's port only` }] : [],
    ),

  InvalidDefinitionDescription: ({ source }) =>
    source.nodes.flatMap(({ name, comments, line, args }) => {
      const comment = comments.at(-1);
      const wanted = name === 'from' ? args[2] : name === 'arg' ? args[0]?.split('=', 1)[0] : undefined;
      if (comment === undefined || wanted === undefined || comment.startsWith(`${wanted} `)) return [];
      return source.check?.includes('experimental=')
        ? [{ line, message: `its description should begin with ${wanted}` }]
        : [];
    }),
};

const PREDEFINED = ['TARGET', 'BUILD'].flatMap((side) =>
  ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].map((name) => side + name),
);
const PROXIES = /^(https?|ftp|no|all)_proxy$/i;

function nodesNamed(nodes: readonly SourceNode[], name: string): SourceNode[] {
  return nodes.filter((node) => node.name === name);
}

function isUpper(text: string): boolean {
  return text === text.toUpperCase();
}

/** The last instruction of each kind in the last stage: that of the image. */
function lastOf(stages: readonly Stage[], kinds: readonly Instruction['kind'][]): Instruction[] {
  const instructions = stages.at(-1)?.instructions ?? [];
  if (instructions.some(({ kind }) => kind === 'shell')) return [];
  return kinds.flatMap((wanted) => instructions.findLast(({ kind }) => kind === wanted) ?? []);
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(/(?<!\\)\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))/g)].map(([, a, b]) => (a ?? b)!);
}

/** Words of which a name consists, not letters in it: MONKEY is no key. */
const SECRET = /(^|_)(apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(_|$)/i;
const PUBLIC = /(^|_)public(_|$)/i;

function isSecret(name: string): boolean {
  return SECRET.test(name) && !PUBLIC.test(name) && !/_(file|path|dir|url)$/i.test(name);
}

function exposed(stages: readonly Stage[]) {
  return stages.flatMap(({ instructions }) =>
    instructions.flatMap((one) =>
      one.kind === 'expose' ? one.values.map((value) => ({ line: one.line, value })) : [],
    ),
  );
}

type Others = Pick<Dockerfile, 'stages' | 'globals'>;

/** Only on scratch, host and other stages is every variable known: an image brings its own. */
function undefinedVariables(stage: Stage, { stages }: Others): Finding[] {
  const known = knownBefore(stage, stages);
  if (!known) return [];
  const found: Finding[] = [];
  for (const instruction of stage.instructions) {
    const used = textsOf(instruction).flatMap(variablesIn);
    for (const name of new Set(used)) {
      if (!known.has(name) && !PROXIES.test(name)) {
        found.push({
          line: instruction.line,
          message: `${name} is used and set nowhere above`,
          hint: `add ARG ${name}`,
        });
      }
    }
    for (const name of namesOf(instruction)) known.add(name);
  }
  return found;
}

function knownBefore(stage: Stage, stages: readonly Stage[]): Set<string> | undefined {
  if (stage.from.image === 'scratch' || stage.from.image === 'host') return new Set(['PATH']);
  const below = stages.find((other) => other.index < stage.index && other.name === stage.from.image.toLowerCase());
  const known = below && knownBefore(below, stages);
  if (!below || !known) return undefined;
  for (const instruction of below.instructions)
    if (instruction.kind === 'env') for (const name of namesOf(instruction)) known.add(name);
  return known;
}

function namesOf(instruction: Instruction): string[] {
  if (instruction.kind === 'arg') return instruction.args.map(({ name }) => name);
  return instruction.kind === 'env' ? instruction.pairs.map(({ name }) => name) : [];
}

/** The texts of an instruction in which variables are put in. */
function textsOf(instruction: Instruction): string[] {
  switch (instruction.kind) {
    case 'env':
    case 'label':
      return instruction.pairs.map(({ value }) => value.replace(/'[^']*'/g, ''));
    case 'copy':
    case 'add':
      return [...instruction.sources, instruction.target];
    case 'workdir':
    case 'user':
    case 'stopsignal':
      return [instruction.value];
    case 'expose':
    case 'volume':
      return [...instruction.values];
    default:
      return [];
  }
}
