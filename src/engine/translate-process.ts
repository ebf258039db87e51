/**
 * A service's process, or one exec'd beside it -> the runtime's process.
 *
 * Pure. Owns how entrypoint, command and environment of file and image combine
 * (Docker's rules) and which capabilities and privileges follow.
 */
import { BerthError } from '../base/errors.ts';
import type { ImageConfig } from '../image/image.ts';
import type { Service } from '../model/stack.ts';
import { containerCapabilities } from '../runtime/capabilities.ts';
import { DEFAULT_PATH, defaultProcess } from '../runtime/defaults.ts';
import type { OciProcess } from '../runtime/spec.ts';

type Terminal = { readonly rows: number; readonly cols: number } | null;

const DEFAULT_TERMINAL = { rows: 24, cols: 80 };

/** The process that the container is started for. */
export function serviceProcess(service: Service, image: ImageConfig, hostname: string, terminal: Terminal): OciProcess {
  const origin = `services.${service.name}.${service.entrypoint ? 'entrypoint' : service.command ? 'command' : 'image'}`;
  return defaultProcess({
    ...privileges(service),
    args: argsOf(service, image),
    env: environmentOf(service, image.env, hostname),
    cwd: service.workingDir ?? (image.workingDir || '/'),
    user: { spec: service.user ?? image.user, additionalGroups: service.groupAdd },
    terminal: service.tty || terminal ? (terminal ?? DEFAULT_TERMINAL) : null,
    rlimits: rlimitsOf(service),
    oomScoreAdj: service.oomScoreAdj,
    origin,
  });
}

/** An entrypoint in the file drops the image's command, as docker has it. */
function argsOf(service: Service, image: ImageConfig): string[] {
  const entrypoint = service.entrypoint ?? image.entrypoint;
  const command = service.command ?? (service.entrypoint === null ? image.cmd : []);
  const args = [...entrypoint, ...command];
  if (args.length > 0) return args;
  throw new BerthError(
    'REQUEST_INVALID',
    `service ${service.name} has no command, and neither has image ${service.image}`,
    {
      hint: `add \`command:\` to service ${service.name}`,
    },
  );
}

function environmentOf(service: Service, image: readonly string[], hostname: string): string[] {
  const merged = new Map<string, string>([splitVariable(DEFAULT_PATH), ['HOSTNAME', hostname]]);
  if (service.tty) merged.set('TERM', 'xterm');
  for (const [name, value] of image.map(splitVariable)) merged.set(name, value);
  for (const [name, value] of Object.entries(service.environment)) merged.set(name, value);
  return [...merged].map(([name, value]) => `${name}=${value}`);
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function rlimitsOf(service: Service): OciProcess['rlimits'] {
  return Object.entries(service.ulimits).map(([name, { soft, hard }]) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    soft,
    hard,
    origin: `services.${service.name}.ulimits.${name}`,
  }));
}

function privileges(service: Service): Pick<OciProcess, 'capabilities' | 'noNewPrivileges'> {
  const { capAdd, capDrop, privileged } = service;
  return {
    capabilities: containerCapabilities({ add: capAdd, drop: capDrop, privileged }),
    noNewPrivileges: !privileged && securityOption(service, 'no-new-privileges') !== 'false',
  };
}

/** Value of `NAME:VALUE` or `NAME=VALUE` in security_opt; a bare NAME is `true`. */
export function securityOption(service: Service, name: string): string | undefined {
  for (const option of service.securityOpt) {
    const [key, value] = option.split(/[:=]/, 2);
    if (key === name) return value ?? 'true';
  }
  return undefined;
}

export type ExecOptions = {
  readonly argv: readonly string[];
  readonly terminal: Terminal;
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly privileged?: boolean;
  readonly hostname: string;
  /** Of the image; the service's own variables come on top. */
  readonly imageEnv?: readonly string[];
  /** The image's user and working folder, where the service names none. */
  readonly imageUser?: string;
  readonly imageWorkingDir?: string;
};

/** A process exec'd in a running container: same privileges and environment as its service, unless asked otherwise. */
export function execProcess(service: Service, options: ExecOptions): OciProcess {
  const granted = options.privileged ? { ...service, privileged: true } : service;
  const base = environmentOf(service, options.imageEnv ?? [], options.hostname);
  return defaultProcess({
    ...privileges(granted),
    args: options.argv,
    env: mergeVariables(options.terminal ? [...base, 'TERM=xterm'] : base, options.env ?? []),
    cwd: options.workingDir ?? service.workingDir ?? (options.imageWorkingDir || '/'),
    user: { spec: options.user ?? service.user ?? options.imageUser ?? '', additionalGroups: service.groupAdd },
    terminal: options.terminal,
    rlimits: rlimitsOf(service),
  });
}

function mergeVariables(...lists: readonly (readonly string[])[]): string[] {
  const merged = new Map(lists.flat().map(splitVariable));
  return [...merged].map(([name, value]) => `${name}=${value}`);
}
