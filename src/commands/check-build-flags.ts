/**
 * Flags of docker build that mean something berth does in one way only: refused, or said to be without effect.
 */
import { BerthError } from '../base/errors.ts';

export type OtherBuildFlags = {
  readonly builder?: string;
  readonly isolation?: string;
  readonly allow?: readonly string[];
  readonly sbom?: string;
  readonly provenance?: string;
  readonly attest?: readonly string[];
};

/** Warnings; USAGE for what would give another result than was asked for. */
export function checkOtherFlags({ builder, isolation, allow, sbom, provenance, attest }: OtherBuildFlags): string[] {
  if (builder !== undefined && builder !== '' && builder !== 'default')
    throw usage(`--builder ${builder}: there is one builder, the engine`, 'leave --builder away');
  if (isolation !== undefined && isolation !== '' && isolation !== 'default')
    throw usage(`--isolation ${isolation} is for Windows`, 'leave --isolation away');
  const refused = (allow ?? []).flatMap((text) => text.split(',')).find((word) => word !== 'network.host');
  if (refused !== undefined)
    throw usage(
      `--allow ${refused} is not given: steps run in the sandbox of all containers`,
      'network.host is allowed',
    );
  const wanted = [
    ...(isOn(sbom) ? ['--sbom'] : []),
    ...(isOn(provenance) ? ['--provenance'] : []),
    ...(attest ?? []).filter((text) => !/disabled=true/.test(text)).map((text) => `--attest ${text}`),
  ];
  return wanted.map((flag) => `warning: ${flag} has no effect in berth: nothing is attached to the image`);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== 'false';
}

function usage(message: string, hint: string): BerthError {
  return new BerthError('USAGE', message, { hint });
}
