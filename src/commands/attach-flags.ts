/**
 * Flags of every command that ties a terminal to a program that is there already.
 */
import * as Flags from '@oclif/core/flags';
import { DEFAULT_DETACH_KEYS } from '../ui/detach-keys.ts';

export const DETACH_KEYS_FLAG = {
  'detach-keys': Flags.string({
    default: DEFAULT_DETACH_KEYS,
    summary: 'keys that leave the program running and end the command',
  }),
};

export const ATTACH_FLAGS = {
  ...DETACH_KEYS_FLAG,
  'no-stdin': Flags.boolean({ summary: 'only look: nothing is sent to the program' }),
  'sig-proxy': Flags.boolean({ default: true, allowNo: true, summary: 'hand signals on to the program' }),
};
