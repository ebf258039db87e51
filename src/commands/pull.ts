/** `berth pull`: the images of the stack's services. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError, errorData } from '../base/errors.ts';
import { limiter } from '../base/limiter.ts';
import type { Engine, Watch } from '../engine/engine.ts';
import type { PulledImage } from '../image/pull.ts';
import type { Service } from '../model/stack.ts';
import { isSamePlatform, parsePlatform } from '../registry/platform.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { noteLine } from '../ui/output.ts';
import { showPull } from '../ui/show-pull.ts';
import { BerthCommand } from './berth-command.ts';
import { loadFromFlags, parallelLimit, STACK_FLAGS } from './stack-flags.ts';
import { servicesWithImages } from './stack-images.ts';

export default class Pull extends BerthCommand {
  static override summary = "fetch the images of the stack's services";
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    'ignore-buildable': Flags.boolean({ summary: 'leave out images that can be built' }),
    'ignore-pull-failures': Flags.boolean({ summary: 'go on when an image can not be fetched' }),
    'include-deps': Flags.boolean({ summary: 'what the services depend on too' }),
    policy: Flags.string({ options: ['missing', 'always'], summary: 'missing: only what is not there' }),
    quiet: Flags.boolean({ char: 'q', summary: 'no progress' }),
  };
  static override examples = ['<%= config.bin %> pull', '<%= config.bin %> pull --ignore-buildable web'];

  async run(): Promise<PulledImage[]> {
    const { flags, argv } = await this.parse(Pull);
    const { stack } = await loadFromFlags(flags, argv as string[]);
    const wanted = servicesWithImages(stack, argv as string[], flags);
    const engine = await this.engine();
    const inTurn = limiter(parallelLimit() ?? wanted.length);
    const ignores = flags['ignore-pull-failures'];
    const quiet = flags.quiet || this.jsonEnabled();
    const results = await showPull({ quiet }, (watch) =>
      Promise.allSettled(
        wanted.map((service) =>
          inTurn(async () => {
            if (flags.policy === 'missing' && (await isThere(engine, service))) return undefined;
            return await pullOne(engine, service, { watch, ignores });
          }),
        ),
      ),
    );
    const pulled = results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
    this.print(flags.quiet ? [] : pulled.map(({ name, isNew }) => `${name} ${isNew ? 'pulled' : 'is up to date'}`));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return pulled;
  }
}

/** For the platform that the service asks for. */
async function isThere(engine: Engine, { image, platform }: Service): Promise<boolean> {
  const found = await engine.imageInspect(image).catch(() => undefined);
  return found !== undefined && (!platform || isSamePlatform(parsePlatform(platform), found));
}

type HowToPull = { readonly watch: Watch; readonly ignores: boolean };

/** undefined: it failed, and that was to be ignored. */
async function pullOne(engine: Engine, { image, platform }: Service, { watch, ignores }: HowToPull) {
  try {
    const env = userEnvironment(process.env);
    return await engine.imagePull({ image, platform: platform ?? undefined, env }, watch);
  } catch (error) {
    if (!ignores || !(error instanceof BerthError) || error.code === 'ABORTED') throw error;
    noteLine(`warning: ${image}: ${errorData(error).message}`);
    return undefined;
  }
}
