import { expect, test } from 'vitest';
import { isRemote, parseSource } from '../../../src/source/source-reference.ts';

test('addresses of repositories are read as git and docker compose read them', () => {
  const read = (text: string) => {
    const source = parseSource(text);
    if (source.kind === 'oci') return `oci ${source.name.domain} ${source.name.path} ${source.name.tag}`;
    const { protocol, remote, ref, path, folders } = source;
    return [protocol, remote, ref || '-', path || '-', folders.join('/')].join(' ');
  };

  expect(
    [
      'https://host/team/app.git#main:deploy/compose.yaml',
      'https://host:8443/app#v1',
      'git@host:team/app.git#main',
      'ssh://git@host:2222/team/app.git',
      'github.com/team/app',
      'http://me:s3cret@host/team/app.git',
      'oci://host.example/team/app:1',
    ].map(read),
  ).toMatchInlineSnapshot(`
    [
      "https https://host/team/app.git main deploy/compose.yaml host/team/app",
      "https https://host:8443/app v1 - host%3A8443/app",
      "ssh git@host:team/app.git main - host/team/app",
      "ssh ssh://git@host:2222/team/app.git - - host%3A2222/team/app",
      "https https://github.com/team/app - - github.com/team/app",
      "http http://me:s3cret@host/team/app.git - - host/team/app",
      "oci host.example team/app 1",
    ]
  `);
});

test('paths of this machine are none', () => {
  for (const name of [
    'compose.yaml',
    './app.git',
    '/srv/app.git',
    'a:b',
    'c@d',
    'file:///x.git',
    '--upload-pack=x.git',
  ])
    expect([name, isRemote(name)]).toEqual([name, false]);
});

test('what could lead elsewhere, or be taken for an option, is refused, and a password is not shown', () => {
  const bad = [
    'https://host/app.git#main:../etc',
    'https://host/app.git#main:a/../../b',
    'https://host/app.git#main:/etc/passwd',
    'https://host/app.git#--upload-pack=touch',
    'https://host/app.git#a..b',
    'https://host/app.git#refs/heads/*',
    'https://host/app.git#a\nb',
    'ssh://-oProxyCommand=touch/app.git',
    'ssh://-oProxyCommand=x@host/app.git',
    'git@-oProxyCommand=x:app.git',
    'git@host:-x.git',
    'https://host/../..#x',
    'git@host:../../app.git',
    'https://host/compose.yaml',
    `oci://host.example/app@sha512:${'1'.repeat(128)}`,
    'https://me:s3cret@host/#x',
  ];

  for (const text of bad) {
    expect(() => parseSource(text), text).toThrow(/can not be fetched/);
    expect(() => parseSource(text), text).not.toThrow(/s3cret/);
  }
});
