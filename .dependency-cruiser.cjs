/** Who may import whom; docs/architecture.md says why. */
const only = (pkg, home) => ({
  name: `${pkg} has one home`,
  severity: 'error',
  from: { path: '^src', pathNot: home },
  to: { path: `node_modules/(@types/)?${pkg}(/|$)` },
});

module.exports = {
  forbidden: [
    {
      name: 'core imports core',
      severity: 'error',
      from: { path: '^src/core' },
      to: { pathNot: '^src/core|node_modules/ip-address' },
    },
    {
      name: 'adapters never meet',
      severity: 'error',
      from: { path: '^src/(zookeeper|exabgp|checks|host|observe)/' },
      to: {
        path: '^src/(zookeeper|exabgp|checks|host|observe|agent|config|cli)/',
        pathNot: '^src/$1/',
      },
    },
    {
      name: 'command imports core only',
      severity: 'error',
      from: { path: '^src/command/' },
      to: { path: '^src/', pathNot: '^src/(command|core)/' },
    },
    {
      name: 'config imports core only',
      severity: 'error',
      from: { path: '^src/config' },
      to: { path: '^src/', pathNot: '^src/(config|core)/' },
    },
    {
      name: 'agent imports core only',
      severity: 'error',
      from: { path: '^src/agent' },
      to: { path: '^src/', pathNot: '^src/(agent|core)/' },
    },
    {
      name: 'the page runs in a browser',
      severity: 'error',
      from: { path: '^src/dashboard/page/' },
      to: {
        pathNot: '^src/dashboard/|node_modules/preact/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the server of the page imports core and observe only',
      severity: 'error',
      from: { path: '^src/dashboard/', pathNot: '^src/dashboard/page/' },
      to: { path: '^src/', pathNot: '^src/(dashboard|core|observe)/' },
    },
    {
      name: 'forecast imports core only',
      severity: 'error',
      from: { path: '^src/forecast' },
      to: { path: '^src/', pathNot: '^src/(forecast|core)/' },
    },
    {
      name: 'src never imports test',
      severity: 'error',
      from: { path: '^src' },
      to: { path: '^(test|deploy|bench)/' },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('node-zookeeper-client', '^src/zookeeper/'),
    only('execa', '^src/(command|host)/'),
    only('pino', '^src/observe/'),
    only('prom-client', '^src/observe/'),
    only('zod', '^src/config/'),
    only('yaml', '^src/config/'),
    only('commander', '^src/cli/'),
    only('ip-address', '^src/core/vip'),
    only('preact', '^src/dashboard/page/'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types'],
    },
  },
};
