/** `berth build`: images of the services that have `build:`; the flags are docker compose's. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { noteLine } from '../ui/output.ts';
import { printWarnings } from '../ui/print-error.ts';
import { showProgress } from '../ui/show-progress.ts';
import { showPull } from '../ui/show-pull.ts';
import { BerthCommand } from './berth-command.ts';
import { OTHER_BUILD_FLAGS } from './build-flags.ts';
import { argumentsOf, memoryOf } from './build-request.ts';
import {
  type BuildChanges,
  buildableServices,
  buildServices,
  requestOf,
  type ServiceBuildResult,
} from './build-services.ts';
import { checkOtherFlags } from './check-build-flags.ts';
import { loadFromFlags, STACK_FLAGS } from './stack-flags.ts';

export default class Build extends BerthCommand {
  static override summary = 'build the images of services';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    'build-arg': Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'NAME=VALUE of an ARG' }),
    'no-cache': Flags.boolean({ summary: 'run every step' }),
    pull: Flags.boolean({ summary: 'look for newer base images at their registries' }),
    ssh: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'default, or ID=SOCKET of an ssh agent' }),
    'with-dependencies': Flags.boolean({ summary: 'also those of services that the given ones depend on' }),
    check: Flags.boolean({ summary: 'look for what is doubtful, and build nothing' }),
    print: Flags.boolean({ summary: 'print what would be built, as JSON' }),
    quiet: Flags.boolean({ char: 'q', summary: 'print the ids only' }),
    push: Flags.boolean({ summary: 'send the images to their registries as well' }),
    memory: Flags.string({ char: 'm', summary: 'memory that a step may use: 512m, 2g' }),
    ...OTHER_BUILD_FLAGS,
    progress: Flags.string({ hidden: true, summary: 'auto, tty, plain, json or quiet' }),
    ...Object.fromEntries(
      ['compress', 'force-rm', 'no-rm', 'parallel'].map((name) => [
        name,
        Flags.boolean({ hidden: true, summary: 'accepted for scripts: it is always so' }),
      ]),
    ),
  };
  static override examples = ['<%= config.bin %> build', '<%= config.bin %> build --no-cache web'];

  /** `berth build .` and `berth build -t NAME FOLDER` mean one image, as `docker build` does. */
  protected override async _run<T>(): Promise<T> {
    if (!meansImage(this.argv)) return await super._run<T>();
    const { default: ImageBuild } = await import('./image/build.ts');
    await new ImageBuild(this.argv, this.config).start();
    return undefined as T;
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Build);
    for (const line of checkOtherFlags(flags)) noteLine(line);
    const services = argv as string[];
    const { stack } = await loadFromFlags(flags, services);
    const named = new Set(services);
    const buildable = buildableServices(stack, services);
    const chosen =
      services.length === 0 || flags['with-dependencies'] ? buildable : buildable.filter((one) => named.has(one.name));
    if (chosen.length === 0) throw nothingToBuild(services);
    const changes: BuildChanges = {
      noCache: flags['no-cache'],
      pull: flags.pull,
      args: argumentsOf(flags['build-arg'] ?? []),
      agents: flags.ssh ?? [],
      ...(flags.memory === undefined ? {} : { memoryBytes: memoryOf(flags.memory) }),
    };
    const requests = () =>
      chosen.map((service) => ({ service: service.name, request: requestOf(stack, service, changes) }));
    if (flags.print) return this.printRequests(requests());
    const engine = await this.engine();
    if (flags.check) {
      const found = await Promise.all(requests().map(({ request }) => engine.buildCheck(request)));
      printWarnings(found.flat());
      process.exitCode = found.flat().length === 0 ? 0 : 1;
      return found.flat();
    }
    if (flags.progress !== undefined) process.env.COMPOSE_PROGRESS = flags.progress;
    const interrupt = listenForInterrupt('ending the build');
    try {
      const names = chosen.map((service) => service.name);
      const quiet = flags.quiet || this.jsonEnabled();
      const results = await showProgress({ signal: interrupt.signal, quiet }, (watch) =>
        buildServices(engine, { stack, names, changes }, watch),
      );
      if (flags.push) await this.push(engine, results, quiet);
      this.print(results.map((result) => (flags.quiet ? result.id : lineOf(result))));
      return results;
    } finally {
      interrupt.close();
    }
  }

  private async push(engine: Engine, results: readonly ServiceBuildResult[], quiet: boolean): Promise<void> {
    const env = userEnvironment(process.env);
    for (const image of results.flatMap(({ names }) => names)) {
      const { name, digest } = await showPull({ quiet }, (watch) => engine.imagePush({ image, env }, watch));
      if (!quiet) noteLine(`${name} pushed  ${digest}`);
    }
  }

  /** Values of secrets are no part of it. */
  private printRequests(
    requests: readonly {
      readonly service: string;
      readonly request: { readonly secrets: readonly { id: string }[] };
    }[],
  ) {
    const shown = requests.map(({ service, request }) => ({
      service,
      request: { ...request, env: undefined, secrets: request.secrets.map(({ id }) => id) },
    }));
    this.print([JSON.stringify(shown, null, 2)]);
    return shown;
  }
}

/** A folder or an URL can be no service's name; -t is no flag of compose's build. */
function meansImage(argv: readonly string[]): boolean {
  const isTag = (word: string) => /^(-t|--tag)(=|$)/.test(word) || /^-t[^-]/.test(word);
  return argv.some((word) => isTag(word)) || /^\.{0,2}(\/|$)|:\/\/|^-$/.test(argv.at(-1) ?? 'x');
}

function lineOf({ service, names, id, steps, cachedSteps }: ServiceBuildResult): string {
  return `${service}: built ${names[0] ?? ''} ${id.slice(0, 19)} (${steps} steps, ${cachedSteps} cached)`;
}

function nothingToBuild(services: readonly string[]): BerthError {
  const what = services.length === 0 ? 'no service has `build:`' : `${services.join(', ')}: no \`build:\` there`;
  return new BerthError('USAGE', what, { hint: '`berth image build -t NAME FOLDER` builds without a stack file' });
}
