/**
 * The shapes of what a service mounts: volumes, secrets and configs. Compose Specification, 05-services.
 */
import { attr, boolean, bytesText, either, fileMode, mapping, object, type Shape, text, words } from './shape.ts';

const bind = object({
  propagation: attr('how mounts below it are shared', 'rslave', text, 'rprivate'),
  create_host_path: attr('make a missing source folder', false, boolean, true),
  recursive: attr(
    'what happens to mounts below it',
    'readonly',
    words('enabled', 'disabled', 'writable', 'readonly'),
    'enabled',
  ),
  selinux: attr('label for SELinux', 'z', words('z', 'Z')),
});

const volume = object({
  nocopy: attr('do not copy what the image has there', true, boolean, false),
  subpath: attr('folder of the volume to mount', 'uploads', text),
  labels: attr('labels of an anonymous volume', { 'org.example.keep': 'yes' }, mapping),
});

const tmpfs = object({
  size: attr('how large it may become', '64m', {
    ...either({ kind: 'number', whole: true, least: 0, texts: false }, bytesText),
    form: 'bytes',
  }),
  mode: attr('its mode, octal', 1777, fileMode, 1777),
});

/** SOURCE:TARGET[:OPTIONS], or the long form. */
export const mount: Shape = either(
  text,
  object(
    {
      type: attr('kind of mount', 'bind', words('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image')),
      source: attr('folder, file, image or name of a volume', './data', text),
      target: attr('path in the container', '/data', text),
      read_only: attr('it can not be written to', true, boolean, false),
      consistency: attr('has no effect on Linux', 'cached', text),
      bind: attr('more of a bind mount', { create_host_path: false }, bind),
      volume: attr('more of a volume', { nocopy: true }, volume),
      tmpfs: attr('more of a file system in memory', { size: '64m' }, tmpfs),
      image: attr(
        'more of an image',
        { subpath: 'etc' },
        object({ subpath: attr('folder of the image to mount', 'etc', text) }),
      ),
    },
    ['type'],
  ),
);

/** A secret or config by its name, or with where it goes. */
export const fileUse: Shape = either(
  text,
  object({
    source: attr('its name at the top', 'db_password', text),
    target: attr('path or name in the container', '/etc/app.conf', text),
    uid: attr('user it belongs to', '1000', text),
    gid: attr('group it belongs to', '1000', text),
    mode: attr('its mode, octal', '0440', fileMode, '0444'),
  }),
);
