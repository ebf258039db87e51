/** `SERVICE=N` of --scale and of scale. */
import { BerthError } from '../base/errors.ts';

/** Replicas by service; USAGE names what is none, behind `flag`. */
export function parseScale(flag: string, values: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    values.map((text) => {
      const [, service, count] = /^([^=]+)=(\d+)$/.exec(text) ?? [];
      if (service === undefined)
        throw new BerthError('USAGE', `${flag === '' ? '' : `${flag} `}${text} is not SERVICE=N`);
      return [service, Number(count)] as const;
    }),
  );
}
