/* The layer rule of docs/architecture.md: imports go downward only; rooms on one line do not see each other. */
const layers = [
  ['main', 'daemon'],
  ['commands'],
  ['ui', 'api'],
  ['engine'],
  ['stackfile', 'build'],
  ['source'],
  ['image', 'runtime', 'network', 'volume', 'logs', 'watch', 'health', 'provider'],
  ['registry'],
  ['model'],
  ['base'],
];
const pathOf = (room) => (room === 'main' || room === 'daemon' ? `^src/${room}\\.ts$` : `^src/${room}/`);
const rules = [];
layers.forEach((rooms, level) => {
  rooms.forEach((room) => {
    const above = layers.slice(0, level).flat();
    const beside = rooms.filter((other) => other !== room);
    rules.push({
      name: `${room}-looks-down-only`,
      severity: 'error',
      from: { path: pathOf(room) },
      to: { path: [...above, ...beside].map(pathOf).join('|') || '^$' },
    });
  });
});
/* One door a package: the only places that may import it. */
const doors = {
  '@oclif/core': '^src/(commands/|main\\.ts)',
  listr2: '^src/ui/',
  yaml: '^src/stackfile/',
  chokidar: '^src/watch/',
  execa: '^src/base/run-command\\.ts$',
  'find-my-way': '^src/api/',
  'dns-packet': '^src/network/',
  fzstd: '^src/image/zstd-stream\\.ts$',
};
for (const [name, door] of Object.entries(doors)) {
  rules.push({
    name: `one-door-${name.replace(/\W/g, '-')}`,
    severity: 'error',
    from: { path: '^src/', pathNot: door },
    to: { path: `node_modules/${name}/` },
  });
}
module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      /* Types are gone at run time, and a command that is loaded when it is used may know the table of commands. */
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
