/** COPY and ADD: sources, target and flags. */
import type { Conversion } from './convert-instruction.ts';
import type { Instruction } from './instruction.ts';
import type { SourceNode } from './parse-dockerfile.ts';

export function convertCopy(
  kind: 'copy' | 'add',
  node: SourceNode,
  { origin, flags, refuse }: Conversion,
): Instruction | undefined {
  const words = node.args.filter((word) => !node.heredocs.some((doc) => doc.word === word));
  const name = kind.toUpperCase();
  const target = words.at(-1);
  const sources = words.slice(0, -1);
  if (target === undefined || (sources.length === 0 && node.heredocs.length === 0)) {
    return refuse(`${name} needs a source and a target`, `write ${name} SOURCE... TARGET`);
  }
  if (node.args.at(-1) !== target) return refuse(`the target of ${name} comes last`);
  if (target === '') return refuse(`the target of ${name} is empty`);
  const from = flags.one('from');
  if (from !== null && node.heredocs.length > 0) return refuse('a heredoc is no file of --from');
  if (flags.isOn('parents') && node.heredocs.length > 0) return refuse('--parents has no meaning for a heredoc');
  const unpack = flags.one('unpack');
  return {
    ...origin,
    kind,
    sources,
    target,
    heredocs: node.heredocs,
    flags: {
      from,
      chown: flags.one('chown'),
      chmod: flags.one('chmod'),
      link: flags.isOn('link'),
      parents: flags.isOn('parents'),
      exclude: flags.all('exclude'),
      checksum: flags.one('checksum'),
      keepGitDir: flags.isOn('keep-git-dir'),
      unpack: unpack === null ? null : /^(true|1)$/i.test(unpack),
    },
  };
}
