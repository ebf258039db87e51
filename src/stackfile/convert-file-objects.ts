/**
 * secrets and configs of a service -> the mounts of their files.
 */
import type { Mount } from '../model/stack.ts';
import { absolutePath, type Conversion, itemsOf, type Raw, rawOf, textOr } from './conversion.ts';

type FileSource = { readonly service: Raw; readonly top: Raw; readonly path: string };
type PlacedMount = { readonly mount: Mount; readonly place: string };
type Kind = 'secrets' | 'configs';

/** Bound read-only where the specification says; faults are told at the use. */
export function convertFileObjects(conversion: Conversion, { service, top, path }: FileSource): PlacedMount[] {
  return (['secrets', 'configs'] as const).flatMap((kind) =>
    itemsOf(service[kind]).flatMap(([index, item]) => {
      const { source, target } = typeof item === 'object' ? rawOf(item) : { source: item, target: undefined };
      const place = `${path}.${kind}[${index}]`;
      const file = fileOf(conversion, { kind, name: String(source), top }, place);
      const inside = placeInside(kind, String(source), textOr(target, null));
      return file === undefined ? [] : [{ mount: fileBind(absolutePath(conversion, file), inside), place }];
    }),
  );
}

type FileUse = { readonly kind: Kind; readonly name: string; readonly top: Raw };

function fileOf(conversion: Conversion, { kind, name, top }: FileUse, place: string): string | undefined {
  const { report } = conversion;
  const one = kind.slice(0, -1);
  const declared = rawOf(top[kind])[name];
  /* Not declared, or of the wrong shape, which has been told. */
  if (declared === undefined || declared === null) return undefined;
  const { file } = rawOf(declared);
  if (file === undefined)
    report.error(place, `the ${one} ${name} has no file`, 'only those with `file:` are supported yet');
  return file === undefined ? undefined : String(file);
}

/** Compose Specification, 05-services: secrets are below /run/secrets, configs below the root. */
function placeInside(kind: Kind, name: string, target: string | null): string {
  if (target?.startsWith('/')) return target;
  return kind === 'secrets' ? `/run/secrets/${target ?? name}` : `/${target ?? name}`;
}

function fileBind(source: string, target: string): Mount {
  return {
    kind: 'bind',
    source,
    target,
    readOnly: true,
    createHostPath: false,
    propagation: null,
    recursive: 'enabled',
  };
}
