/**
 * Flags of every command that makes an image of a container, and the call they make.
 */
import * as Flags from '@oclif/core/flags';
import type { CommitRequest } from '../engine/engine.ts';

const several = { multiple: true, multipleNonGreedy: true } as const;

export const COMMIT_FLAGS = {
  author: Flags.string({ char: 'a', summary: 'who made it: NAME <MAIL>' }),
  change: Flags.string({ char: 'c', ...several, summary: 'Dockerfile instruction to apply: CMD ["sh"]' }),
  message: Flags.string({ char: 'm', summary: 'what was changed' }),
  pause: Flags.boolean({ char: 'p', default: true, allowNo: true, summary: 'let it stand still meanwhile' }),
};

type Values = {
  readonly author?: string;
  readonly change?: string[];
  readonly message?: string;
  readonly pause: boolean;
};

export function commitRequest(container: string, reference: string | undefined, flags: Values): CommitRequest {
  const { author, change, message, pause } = flags;
  return { container, reference: reference ?? null, author, message, pause, changes: change ?? [] };
}
