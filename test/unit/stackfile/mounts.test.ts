import { expect, test } from 'vitest';
import { faultsOf, load, loadService, printFinding, webWith } from './stack-files.ts';

async function mountsOf(attributes: string) {
  const { mounts } = await loadService(attributes, { projectDir: '/srv/shop', env: { HOME: '/home/me' } });
  return mounts;
}

test('short forms: folders, home, volumes of the image and options', async () => {
  const mounts = await mountsOf('volumes: [./a:/a/, ../b:/b:ro, ~/c:/c, "/anonymous", "/d:/d:ro,rslave"]');

  expect(mounts).toMatchInlineSnapshot(`
    [
      {
        "createHostPath": true,
        "kind": "bind",
        "propagation": null,
        "readOnly": false,
        "recursive": "enabled",
        "source": "/srv/shop/a",
        "target": "/a",
      },
      {
        "createHostPath": true,
        "kind": "bind",
        "propagation": null,
        "readOnly": true,
        "recursive": "enabled",
        "source": "/srv/b",
        "target": "/b",
      },
      {
        "createHostPath": true,
        "kind": "bind",
        "propagation": null,
        "readOnly": false,
        "recursive": "enabled",
        "source": "/home/me/c",
        "target": "/c",
      },
      {
        "kind": "volume",
        "labels": {},
        "noCopy": false,
        "readOnly": false,
        "source": null,
        "subpath": null,
        "target": "/anonymous",
      },
      {
        "createHostPath": true,
        "kind": "bind",
        "propagation": "rslave",
        "readOnly": true,
        "recursive": "enabled",
        "source": "/d",
        "target": "/d",
      },
    ]
  `);
});

test('long forms', async () => {
  const mounts = await mountsOf(`volumes:
  - {type: bind, source: ./a, target: /a, read_only: true, bind: {create_host_path: false, recursive: disabled}}
  - {type: tmpfs, target: /t, tmpfs: {size: 1m}}`);

  expect(mounts).toMatchInlineSnapshot(`
    [
      {
        "createHostPath": false,
        "kind": "bind",
        "propagation": null,
        "readOnly": true,
        "recursive": "disabled",
        "source": "/srv/shop/a",
        "target": "/a",
      },
      {
        "kind": "tmpfs",
        "mode": null,
        "options": [],
        "readOnly": false,
        "sizeBytes": 1048576,
        "target": "/t",
      },
    ]
  `);
});

/* YAML 1.2 reads 0755 as the number 755, Compose as YAML 1.1 does. */
test.each(['0755', '"0755"', '0o755', '493'])('the mode %s is rwxr-xr-x', async (mode) => {
  const [mount] = await mountsOf(`volumes: [{type: tmpfs, target: /t, tmpfs: {mode: ${mode}}}]`);

  expect(mount).toMatchObject({ kind: 'tmpfs', mode: 0o755 });
});

test('tmpfs with options', async () => {
  expect(await mountsOf('tmpfs: ["/run:size=64m,mode=1777,ro", /tmp]')).toMatchInlineSnapshot(`
    [
      {
        "kind": "tmpfs",
        "mode": 1023,
        "options": [],
        "readOnly": true,
        "sizeBytes": 67108864,
        "target": "/run",
      },
      {
        "kind": "tmpfs",
        "mode": null,
        "options": [],
        "readOnly": false,
        "sizeBytes": null,
        "target": "/tmp",
      },
    ]
  `);
});

test('secrets and configs are files, read-only, where the specification says', async () => {
  const { stack } = await load(
    {
      'stack.yaml': `
services:
  web: {image: host, secrets: [s, {source: s, target: other}, {source: s, target: /abs}], configs: [c]}
secrets: {s: {file: ./s.txt}}
configs: {c: {file: ./c.txt}}
`,
    },
    { projectDir: '/srv/shop' },
  );

  const places = stack.services[0]!.mounts.map(
    (m) =>
      m.kind === 'file' && m.content.kind === 'file' && `${m.content.path} ${m.target} ${m.live ? 'live' : 'copy'}`,
  );
  expect(places).toEqual([
    '/srv/shop/s.txt /run/secrets/s copy',
    '/srv/shop/s.txt /run/secrets/other copy',
    '/srv/shop/s.txt /abs copy',
    '/srv/shop/c.txt /c live',
  ]);
});

/* A bind without a source used to mount the folder of the stack. */
test('what is no mount is told', async () => {
  const faults = await faultsOf(
    webWith(`volumes:
  - {type: bind, target: /a}
  - ./a:relative
  - ./b:/b
  - ./c:/b/
  - ./d:/d:foo
  - dta:/e
  - {type: tmpfs, target: /f, tmpfs: {size: -5}}
tmpfs: ["/g:size=lots", "/h:color=3"]
secrets: [none]
volumes_from: ["x:y"]`) + 'volumes: {data: {}}\n',
  );

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:5:9 services.web.volumes[0]: a mount of type bind needs \`source\` (name a folder or file: source: ./data)
    stack.yaml:6:9 services.web.volumes[1]: the target relative is not absolute (write /relative)
    stack.yaml:10:9 services.web.volumes[4]: there is no volume dta (did you mean data?)
    stack.yaml:11:49 services.web.volumes[5].tmpfs.size: services.web.volumes[5].tmpfs.size must be a whole number, or a size like 64m or 1g, not -5
    stack.yaml:12:13 services.web.tmpfs[0]: "lots" is no size of a tmpfs (write it as /run:size=64m,mode=1777)
    stack.yaml:12:29 services.web.tmpfs[1]: "color" is no option of a tmpfs (the options are size, mode, uid, gid, nr_inodes, ro, exec and the other flags of mount(8))
    stack.yaml:13:15 services.web.secrets[0]: there is no secret none (declare it at the top: secrets: {none: {file: ./FILE}})
    stack.yaml:14:20 services.web.depends_on.x: service web needs x, which does not exist (declare it under \`services:\`)
    stack.yaml:14:20 services.web.volumes_from[0]: "x:y" is nothing to take volumes from (write SERVICE[:ro] or container:NAME[:ro])"
  `);
});

test('labels of SELinux are taken, with a warning', async () => {
  const { warnings } = await load(webWith('volumes: ["./a:/a:ro,z"]'));

  expect(warnings.map(printFinding)).toMatchInlineSnapshot(`
    [
      "stack.yaml:4:15 services.web.volumes[0]: z and Z have no effect without SELinux (remove it)",
    ]
  `);
});
