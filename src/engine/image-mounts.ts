/**
 * `type: image` of a service -> OCI mounts: another image's files, read-only.
 *
 * The image of this machine is a skeleton with folders bound into it: its
 * parts are bound one by one.
 */
import { join } from 'node:path/posix';
import type { ResolvedImage } from '../image/image.ts';
import type { Mount } from '../model/stack.ts';
import type { OciMount } from '../runtime/spec.ts';

const OPTIONS = ['rbind', 'rro', 'nosuid', 'nodev', 'rprivate'];

export function translateImageMount(mount: Mount & { kind: 'image' }, image: ResolvedImage): OciMount[] {
  const { target, subpath, source } = mount;
  const wanted = `/${subpath ?? ''}`;
  const within = image.binds.find((bind) => wanted === bind.target || wanted.startsWith(`${bind.target}/`));
  if (within) {
    const below = wanted.slice(within.target.length + 1);
    return [bindOf(within.source, target, below)];
  }
  const layers: OciMount = {
    destination: target,
    type: 'image',
    source,
    layers: image.lowers,
    ...(subpath === null ? {} : { subpath }),
    options: [],
  };
  const above = wanted === '/' ? '/' : `${wanted}/`;
  const parts = image.binds.filter((bind) => bind.target.startsWith(above));
  return [layers, ...parts.map((bind) => bindOf(bind.source, join(target, bind.target.slice(above.length)), ''))];
}

function bindOf(source: string, destination: string, subpath: string): OciMount {
  return { destination, type: 'bind', source, ...(subpath === '' ? {} : { subpath }), options: OPTIONS };
}
