import { expect, test } from 'vitest';
import { lintFiles } from '../../../src/stackfile/lint-files.ts';
import { type Files, folderOf, printFinding } from './stack-files.ts';

function lint(files: Files | string): string {
  const cwd = folderOf(typeof files === 'string' ? { 'stack.yaml': files } : files);
  const findings = lintFiles({ cwd, env: {}, files: [], profiles: [], envFiles: [] });
  return findings.map((finding) => `${finding.severity} ${printFinding(finding)}`).join('\n');
}

test('errors come first, then warnings, each in the order of the file', () => {
  const told = lint(`version: "3"
services:
  web:
    image: nginx:$TAG
    imgae: x
    environment:
      DB_PASSWORD: p4ss$word
      MODE: 0755
      TIME: 22:22
    ports: ["80:80", "80:81"]
  worker: {image: host, depends_on: [wbe]}
volumes: {unused: {}}
networks: {alone: {}}
`);

  expect(told).toMatchInlineSnapshot(`
    "error stack.yaml:5:5 services.web.imgae: services.web has no attribute \`imgae\` (did you mean \`image\`?)
    error stack.yaml:10:22 services.web.ports[1]: port 80 is published by service web twice (choose another port of the host)
    error stack.yaml:11:38 services.worker.depends_on.wbe: service worker needs wbe, which does not exist (did you mean web?)
    warning stack.yaml:1:1 version: \`version\` has no meaning any more (remove the line)
    warning stack.yaml:4:12 services.web.image: the variable TAG is not set: it becomes empty (set it, or give it a default: \${TAG:-value})
    warning stack.yaml:7:20 services.web.environment.DB_PASSWORD: the $ in DB_PASSWORD is taken for a variable, and the value is changed (write $$ for a dollar sign)
    warning stack.yaml:7:20 services.web.environment.DB_PASSWORD: the variable word is not set: it becomes empty (set it, or give it a default: \${word:-value})
    warning stack.yaml:8:13 -: 0755 is an octal number: 493 (write "0755" for the text, 0o755 for the number)
    warning stack.yaml:9:13 -: 22:22 is a number to the base of 60 for other readers of YAML (put it in quotes: "22:22")
    warning stack.yaml:12:11 volumes.unused: volume unused is not used by any service (remove it, or use it)
    warning stack.yaml:13:12 networks.alone: network alone is not used by any service (remove it, or use it)"
  `);
});

test('nothing is said against a good file', () => {
  expect(lint('services: {web: {image: host, environment: {TOKEN: "${TOKEN-}", A: "$$x"}}}')).toBe('');
});

test('what can not be parsed is told as well', () => {
  expect(lint('services:\n\tweb: {}\n')).toMatchInlineSnapshot(
    `"error stack.yaml:2:1 -: YAML: tabs are not allowed as indentation (indent with spaces)"`,
  );
});
