/**
 * The instructions of a Dockerfile, typed: what each says, variables not put in yet.
 */
import type { Heredoc } from './heredoc.ts';

/** Where an instruction stands; `text` is it as it is written. */
export type Origin = {
  readonly line: number;
  readonly endLine: number;
  readonly col: number;
  readonly text: string;
};

/** A command as a list (exec form) or as text for the shell. */
export type CommandLine =
  | { readonly kind: 'exec'; readonly argv: readonly string[] }
  | { readonly kind: 'shell'; readonly text: string };

export type Pair = { readonly name: string; readonly value: string };

export type CopyFlags = {
  readonly from: string | null;
  readonly chown: string | null;
  readonly chmod: string | null;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  /** ADD: `algorithm:hex` of what a URL gives. */
  readonly checksum: string | null;
  /** ADD of a git repository. */
  readonly keepGitDir: boolean;
  /** ADD: null unpacks archives of the context but not those of URLs. */
  readonly unpack: boolean | null;
};

export type RunMount =
  | {
      readonly kind: 'bind';
      readonly from: string | null;
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
    }
  | {
      readonly kind: 'cache';
      readonly id: string | null;
      readonly target: string;
      readonly readOnly: boolean;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly from: string | null;
      readonly source: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number | null }
  | {
      readonly kind: 'secret' | 'ssh';
      readonly id: string | null;
      readonly target: string | null;
      /** secret: name of a variable; null: a file. */
      readonly env: string | null;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    };

export type HealthTest = {
  readonly test: { readonly kind: 'none' } | { readonly kind: 'command'; readonly command: CommandLine };
  readonly intervalNs: number | null;
  readonly timeoutNs: number | null;
  readonly startPeriodNs: number | null;
  readonly startIntervalNs: number | null;
  readonly retries: number | null;
};

export type Instruction = Origin &
  (
    | { readonly kind: 'arg'; readonly args: readonly { readonly name: string; readonly value: string | null }[] }
    | { readonly kind: 'from'; readonly image: string; readonly platform: string | null; readonly name: string | null }
    | { readonly kind: 'env' | 'label'; readonly pairs: readonly Pair[] }
    | {
        readonly kind: 'run';
        readonly command: CommandLine;
        readonly heredocs: readonly Heredoc[];
        readonly mounts: readonly string[];
        readonly network: 'default' | 'none' | 'host' | null;
      }
    | {
        readonly kind: 'copy' | 'add';
        readonly sources: readonly string[];
        readonly target: string;
        readonly heredocs: readonly Heredoc[];
        readonly flags: CopyFlags;
      }
    | { readonly kind: 'cmd' | 'entrypoint'; readonly command: CommandLine }
    | { readonly kind: 'shell'; readonly argv: readonly string[] }
    | { readonly kind: 'workdir' | 'user' | 'stopsignal' | 'maintainer'; readonly value: string }
    | { readonly kind: 'expose' | 'volume'; readonly values: readonly string[] }
    | { readonly kind: 'healthcheck'; readonly health: HealthTest }
    | { readonly kind: 'onbuild'; readonly trigger: string }
  );

export type InstructionOf<Kind extends Instruction['kind']> = Extract<Instruction, { readonly kind: Kind }>;
