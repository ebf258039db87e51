/** Flags of `berth image build`: docker build's. What they mean is in build-request.ts. */
import * as Flags from '@oclif/core/flags';

const MANY = { multiple: true, multipleNonGreedy: true } as const;

/** What berth does in one way only; see check-build-flags.ts. */
export const OTHER_BUILD_FLAGS = {
  builder: Flags.string({ hidden: true, summary: 'default is the only one' }),
  sbom: Flags.string({ hidden: true, summary: 'has no effect' }),
  provenance: Flags.string({ hidden: true, summary: 'has no effect' }),
};

export const IMAGE_BUILD_FLAGS = {
  tag: Flags.string({ char: 't', ...MANY, summary: 'name of the image' }),
  file: Flags.string({ char: 'f', summary: 'Dockerfile, instead of the one in the context; - reads it from stdin' }),
  target: Flags.string({ summary: 'stage to build, instead of the last' }),
  'build-arg': Flags.string({ ...MANY, summary: 'NAME=VALUE of an ARG; NAME takes it from the environment' }),
  'build-context': Flags.string({ ...MANY, summary: 'NAME=FOLDER, URL or docker-image://IMAGE for --from and FROM' }),
  label: Flags.string({ ...MANY, summary: 'NAME=VALUE for the image' }),
  'no-cache': Flags.boolean({ summary: 'run every step' }),
  'no-cache-filter': Flags.string({ ...MANY, summary: 'stages whose steps are all run' }),
  pull: Flags.boolean({ summary: 'look for newer images at their registries' }),
  platform: Flags.string({ ...MANY, summary: "platform of the image; only this machine's can be built" }),
  secret: Flags.string({ ...MANY, summary: 'id=NAME,src=FILE or id=NAME,env=VARIABLE for RUN --mount=type=secret' }),
  ssh: Flags.string({ ...MANY, summary: 'default, or ID=SOCKET of an ssh agent for RUN --mount=type=ssh' }),
  network: Flags.string({ summary: 'network of RUN: default, none or host', options: ['default', 'none', 'host'] }),
  'add-host': Flags.string({ ...MANY, summary: 'NAME:ADDRESS for RUN; host-gateway stands for this machine' }),
  'shm-size': Flags.string({ summary: 'size of /dev/shm for RUN' }),
  ulimit: Flags.string({ ...MANY, summary: 'NAME=SOFT[:HARD] for RUN' }),
  'cache-from': Flags.string({ ...MANY, summary: 'image, or type=registry|local: steps that were built elsewhere' }),
  'cache-to': Flags.string({
    ...MANY,
    summary: 'type=registry|local|inline[,mode=max]: keep the steps for builds elsewhere',
  }),
  output: Flags.string({
    char: 'o',
    summary: 'FOLDER, - for a tar on stdout, or type=local|tar,dest=PATH: the files of the result',
  }),
  push: Flags.boolean({ summary: 'send the image to its registries as well' }),
  load: Flags.boolean({ hidden: true, summary: 'accepted for scripts: it is always so' }),
  annotation: Flags.string({ ...MANY, summary: "NAME=VALUE for the image's manifest" }),
  memory: Flags.string({ char: 'm', summary: 'memory that a step may use: 512m, 2g' }),
  'metadata-file': Flags.string({ summary: 'write digests and names of the image to this file, as JSON' }),
  ...OTHER_BUILD_FLAGS,
  iidfile: Flags.string({ summary: 'write the id of the image to this file' }),
  progress: Flags.string({ summary: 'auto, tty, plain, json (rawjson) or quiet' }),
  quiet: Flags.boolean({ char: 'q', summary: 'print the id only' }),
  attest: Flags.string({ ...MANY, hidden: true, summary: 'has no effect' }),
  allow: Flags.string({ ...MANY, hidden: true, summary: 'network.host is allowed anyway' }),
  isolation: Flags.string({ hidden: true, summary: 'default is the only one' }),
  ...Object.fromEntries(
    ['compress', 'force-rm', 'rm'].map((name) => [
      name,
      Flags.boolean({ hidden: true, summary: 'accepted for scripts: it is always so' }),
    ]),
  ),
  check: Flags.boolean({ summary: 'look for what is doubtful, and build nothing' }),
  call: Flags.string({ summary: 'build or check', options: ['build', 'check'] }),
};
