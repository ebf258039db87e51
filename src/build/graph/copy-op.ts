/**
 * COPY and ADD -> an op: sources told apart by what they are.
 */
import { posix } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { heredocContent } from '../dockerfile/heredoc.ts';
import type { InstructionOf } from '../dockerfile/instruction.ts';
import type { CopyOp, CopySource, FileSource, VertexId } from './op.ts';

export type CopyPlace = {
  readonly parent: VertexId;
  readonly workingDir: string;
  readonly word: (text: string) => string;
  readonly resolveFrom: (word: string) => FileSource;
};

export function copyOp(instruction: InstructionOf<'copy' | 'add'>, place: CopyPlace): CopyOp {
  const { flags, heredocs } = instruction;
  const { word, workingDir, parent } = place;
  const from = flags.from === null ? null : word(flags.from);
  const files: FileSource = from === null ? { kind: 'context', name: '' } : place.resolveFrom(from);
  const checksum = flags.checksum === null ? null : checkedDigest(word(flags.checksum));
  const sources = instruction.sources.map((text) => sourceOf(word(text), { instruction, files, checksum }));
  const documents = heredocs.map((doc): CopySource => {
    const content = heredocContent(doc);
    return { kind: 'inline', name: doc.name, content: doc.expand ? expandLines(content, word) : content };
  });
  if (checksum !== null && !sources.every(({ kind }) => kind === 'url' || kind === 'git')) {
    throw invalid('--checksum is for URLs and git repositories only');
  }
  return {
    kind: 'copy',
    parent,
    sources: [...sources, ...documents],
    target: targetOf(word(instruction.target), workingDir),
    chown: flags.chown === null ? null : word(flags.chown),
    chmod: flags.chmod === null ? null : checkedMode(word(flags.chmod)),
    link: flags.link,
    parents: flags.parents,
    exclude: flags.exclude.map(word),
  };
}

/** In a heredoc quotes are text; only variables and escapes are read. */
function expandLines(content: string, word: (text: string) => string): string {
  const guarded = content.replace(/["']/g, (sign) => (sign === '"' ? '\uE000' : '\uE001'));
  return word(guarded).replace(/[\uE000\uE001]/g, (sign) => (sign === '\uE000' ? '"' : "'"));
}

type Sourcing = {
  readonly instruction: InstructionOf<'copy' | 'add'>;
  readonly files: FileSource;
  readonly checksum: string | null;
};

function sourceOf(text: string, { instruction, files, checksum }: Sourcing): CopySource {
  const { kind, flags } = instruction;
  if (text === '') throw invalid('a source is empty', 'the variable in it has no value here');
  if (kind === 'add' && isGit(text)) return { kind: 'git', url: text, keepGitDir: flags.keepGitDir, checksum };
  if (kind === 'add' && /^https?:\/\//i.test(text)) {
    return { kind: 'url', url: text, checksum, unpack: flags.unpack ?? false };
  }
  /* Docker's rule: an archive of the context is unpacked by ADD, one of a stage by none. */
  return { kind: 'files', from: files, pattern: text, unpack: kind === 'add' && (flags.unpack ?? true) };
}

export function isGit(text: string): boolean {
  return /^(git@|git:\/\/|ssh:\/\/)/.test(text) || /^https?:\/\/[^?#]*\.git(?:$|[?#])/i.test(text);
}

/** Relative to the working folder; a slash at the end, or a dot, means a folder. */
function targetOf(text: string, workingDir: string): string {
  const path = posix.resolve('/', workingDir, text);
  const isFolder = /(^|\/)\.{0,2}$/.test(text);
  return isFolder && path !== '/' ? `${path}/` : path;
}

const SYMBOLIC = /^(?:[ugoa]*[-+=][rwxXst]*)(?:,[ugoa]*[-+=][rwxXst]*)*$/;

function checkedMode(mode: string): string {
  if (/^[0-7]{1,5}$/.test(mode) || SYMBOLIC.test(mode)) return mode;
  throw invalid(`--chmod=${mode} is no mode`, 'write 755, 0644 or u=rwX,go=rX');
}

function checkedDigest(digest: string): string {
  if (/^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}|[0-9a-f]{40})$/i.test(digest)) {
    return digest.toLowerCase();
  }
  throw invalid(`--checksum=${digest} is no checksum`, 'write sha256:HEX, or a commit for a git repository');
}

function invalid(message: string, hint?: string): BerthError {
  return new BerthError('DOCKERFILE_INVALID', message, { hint });
}
