/**
 * That no service says what to watch, in the words that all who find it use.
 */
import { BerthError } from '../../base/errors.ts';

export function nothingToWatch(stack: string, services: readonly string[]): BerthError {
  const which = services.length === 0 ? 'no service' : `none of ${services.join(', ')}`;
  return new BerthError('NOTHING_TO_WATCH', `${which} of ${stack} says what to watch`, {
    hint: 'give it `develop: {watch: [{path: ./src, action: restart}]}`',
  });
}
