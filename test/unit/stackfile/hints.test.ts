import { expect, test } from 'vitest';
import { faultsOf } from './stack-files.ts';

const WEB = 'services:\n  web:\n    image: host\n';

/* What people get wrong most: each had no hint, a wrong one, or was shown at the beginning of the line. */
test.each<[string, string, RegExp]>([
  ['an indent too small', 'services:\n  web:\n    image: host\n   tty: true\n', /^stack.yaml:4:4 .*\(align it/],
  [
    'a service that is empty',
    'services:\n  web:\n  image: host\n',
    /2:7 .*not empty \(indent what belongs to it below it/,
  ],
  [
    'an attribute beside its service',
    'services:\n  web:\n  image: host\n',
    /3:10 .*\(`image` belongs to what stands above it/,
  ],
  ['a service at the top', 'web:\n  image: host\n', /1:1 .*\(services are indented below `services:`\)/],
  ['no colon', 'services:\n  web:\n    image host\n', /3:5 .*\(write a colon: image: host\)/],
  [
    'no blank behind the colon',
    'services:\n  web:\n    image:host\n',
    /\(write a blank behind the colon: image: host\)/,
  ],
  [
    'an image in the place of a service',
    'services:\n  web: nginx\n',
    /\(write the image as an attribute of it: \{image: nginx\}\)/,
  ],
  ['services as a list', 'services:\n  - web: {image: host}\n', /2:3 .*\(leave the dashes out/],
  ['text for a list or a map', `${WEB}    environment: A=1\n`, /4:18 .*\(write it as a list: \["A=1"\]\)/],
  ['a map for a list', `${WEB}    volumes: {a: /b}\n`, /4:14 .*\(begin each line of it with a dash/],
  [
    'a map in a list of texts',
    `${WEB}    environment:\n      - A: 1\n`,
    /5:9 .*\(leave the dash out, or write it as one text: A=1\)/,
  ],
  ['no blank behind a dash', `${WEB}    dns_opt:\n      -"80"\n`, /5:7 .*\(write a blank behind the dash: - "80"\)/],
  ['nothing where a list is due', `${WEB}    ports:\n`, /4:11 .*not empty \(indent what belongs to it/],
  ['a word of another tool', `${WEB}    replicas: 2\n`, /4:5 .*\(did you mean `scale`\?\)/],
  ['a part of the word', `${WEB}    networks: {default: {alias: [a]}}\n`, /\(did you mean `aliases`\?\)/],
  [
    'a part of the value',
    `${WEB}    depends_on: {db: {condition: healthy}}\n  db: {image: host}\n`,
    /\(did you mean service_healthy\?\)/,
  ],
  ['a slip in a word', `${WEB}    restart: allways\n`, /4:14 .*\(did you mean always\?\)/],
  ['a service that is not there', `${WEB}    depends_on: [q]\n`, /4:18 .*\(declare it under `services:`\)/],
  [
    'a secret that is not there',
    `${WEB}    secrets: [pass]\n`,
    /\(declare it at the top: secrets: \{pass: \{file: .\/FILE\}\}\)/,
  ],
  [
    'a brace that is open',
    `${WEB}    hostname: "x-\${TAG"\n`,
    /4:18 .*"\$\{TAG" has no closing brace \(write \$\{TAG\}/,
  ],
  ['no variable', `${WEB}    hostname: x-\${A!b}\n`, /4:17 .*"\$\{A!b\}" is no variable \(a variable is/],
  [
    'a bracket that is open',
    `${WEB}    dns: ["1.1.1.1"\n    tty: true\n`,
    /\(close the bracket: \] is missing above\)/,
  ],
  [
    'a star',
    `${WEB}    labels:\n      CRON: * * * * *\n`,
    /5:13 .*\(put the value in quotes: \* is for names of anchors\)/,
  ],
  ['an at sign', `${WEB}    labels:\n      AT: @daily\n`, /5:11 .*\(put the value in quotes\)/],
  [
    'a colon in text',
    `${WEB}    command: echo a: b\n`,
    /\(put the text in quotes: a colon and a blank begin a value\)/,
  ],
  [
    'an anchor that is not there',
    `${WEB}    hostname: *me\n`,
    /4:15 .*\(name it with &me, or put text in quotes: "\*me"\)/,
  ],
  [
    'a blank before =',
    `${WEB}    environment:\n      - A = 1\n`,
    /5:9 .*the variable "A " ends in a blank \(write A=VALUE\)/,
  ],
])('%s', async (_, file, expected) => {
  expect(await faultsOf(file)).toMatch(expected);
});

test('a merge of an anchor that is not there is one fault', async () => {
  expect(await faultsOf(`${WEB}    <<: *b\n`)).toMatch(/^stack.yaml:4:9 [^\n]*there is no anchor &b[^\n]*$/);
});
