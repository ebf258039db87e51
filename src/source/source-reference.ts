/**
 * References to stack files of other machines: git repositories and OCI artifacts.
 *
 * Pure. What looks like a reference and is none is SOURCE_FAILED; nothing that
 * begins with a dash ever reaches git.
 */
import { BerthError } from '../base/errors.ts';
import { parseReference, type Reference } from '../image/reference.ts';

export type GitSource = {
  readonly kind: 'git';
  /** As git takes it. */
  readonly remote: string;
  readonly protocol: Protocol;
  /** Branch, tag, commit; '' is the repository's default branch. */
  readonly ref: string;
  /** Folder or file of the repository; '' is its top. */
  readonly path: string;
  /** Without password. */
  readonly title: string;
  /** Host and folders, the repository's name last: each is a name of a folder. */
  readonly folders: readonly string[];
};

export type OciSource = { readonly kind: 'oci'; readonly name: Reference; readonly title: string };

export type SourceReference = GitSource | OciSource;

export type Protocol = 'https' | 'http' | 'ssh' | 'git';

const SCP = /^[\w.-]+@([\w.-]+):(?!\/\/)(.+)$/;

/** Is that no path of this machine? */
export function isRemote(name: string): boolean {
  return /^(oci|git|ssh|https?):\/\//.test(name) || /^github\.com\//.test(name) || SCP.test(name);
}

/** SOURCE_FAILED, or IMAGE_REFERENCE_INVALID for `oci://`. */
export function parseSource(text: string): SourceReference {
  if (text.startsWith('oci://')) {
    const name = parseReference(text.slice('oci://'.length));
    if (!/^(sha256:[0-9a-f]{64})?$/.test(name.digest ?? ''))
      throw invalid(text, 'its digest is none of SHA-256', DIGEST);
    return { kind: 'oci', name, title: text };
  }
  const [written = '', fragment = ''] = splitOnce(text, '#');
  const [ref = '', path = ''] = splitOnce(fragment, ':');
  const remote = written.startsWith('github.com/') ? `https://${written}` : written;
  const title = withoutPassword(text);
  refuse(title, { remote, ref, path });
  const { protocol, host, folder } = partsOf(remote, title);
  const folders = [host, ...folder.replace(/\.git\/?$/, '').split('/')].filter((name) => name !== '');
  if (folders.length < 2 || folders.some((name) => name === '.' || name === '..')) throw invalid(title, NO_REPOSITORY);
  return { kind: 'git', remote, protocol, ref, path, title, folders: folders.map(encodeURIComponent) };
}

/** For messages. */
export function withoutPassword(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]*@/g, '$1***@');
}

const DIGEST = 'write oci://HOST/TEAM/NAME@sha256:..., or :TAG';
const NO_REPOSITORY = 'it names no repository';

function refuse(title: string, { remote, ref, path }: Pick<GitSource, 'remote' | 'ref' | 'path'>): void {
  /* Control characters would be seen neither in a question nor in a message. */
  if (/[\p{Cc}\s]/u.test(remote + ref) || /\p{Cc}/u.test(path)) throw invalid(title, 'it has white space in it');
  if (ref.startsWith('-') || remote.startsWith('-')) throw invalid(title, 'nothing of it can begin with -');
  if (!/^[^~^:?*[\\]*$/.test(ref) || ref.includes('..')) throw invalid(title, `"${ref}" is no branch, tag or commit`);
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw invalid(title, `the path ${path} leads out of the repository`);
  }
}

function partsOf(remote: string, title: string): { protocol: Protocol; host: string; folder: string } {
  const scp = SCP.exec(remote);
  if (scp && !remote.includes('://')) {
    refuseDash(scp[1]!, scp[2]!, title);
    return { protocol: 'ssh', host: scp[1]!, folder: scp[2]! };
  }
  if (!URL.canParse(remote)) throw invalid(title, 'it is no URL');
  const url = new URL(remote);
  const protocol = url.protocol.slice(0, -1) as Protocol;
  const isPage =
    protocol.startsWith('http') &&
    url.hostname !== 'github.com' &&
    !/\.git\/?$/.test(url.pathname) &&
    !title.includes('#');
  if (isPage) throw invalid(title, 'only git repositories are fetched, whose URL ends with .git or has a #', CURL);
  refuseDash(url.hostname, url.username, title);
  return { protocol, host: url.host, folder: decoded(url.pathname) };
}

const CURL = 'fetch it with curl, read it, and name the file that you have got';

/** ssh would take them for options. */
function refuseDash(first: string, second: string, title: string): void {
  if (first.startsWith('-') || second.startsWith('-')) throw invalid(title, 'nothing of it can begin with -');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function invalid(title: string, why: string, hint = 'write https://HOST/TEAM/REPOSITORY.git#BRANCH:PATH'): BerthError {
  return new BerthError('SOURCE_FAILED', `${title} can not be fetched: ${why}`, { hint });
}
