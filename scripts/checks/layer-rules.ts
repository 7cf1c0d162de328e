/**
 * Who may import whom, as rules of dependency-cruiser: docs/architecture.md, "Layout". The check applies them to the sources, and
 * to test/fixtures/layers, which breaks every one of them on purpose: a rule that finds nothing there no longer works.
 */
import type { ICruiseOptions, IFlattenedRuleSet } from 'dependency-cruiser';

type Rule = NonNullable<IFlattenedRuleSet['forbidden']>[number] & { readonly name: string };

/** Our own code, as opposed to third-party modules and Node's. */
const OURS = '^(apps|bench|clients|examples|packages|scripts|test)/';
/** Tests, and what only tests use: they compose parts of all layers. */
const TESTS = ['[.]test[.]ts$', '^[^/]+/[^/]+/test/', '^test/'];
const DOMAIN = '^apps/api/src/domain/';
const PROTOCOL = '^packages/protocol/src/';
const REALTIME = '^packages/realtime/src/index[.]ts$';
const REALTIME_DOMAIN = '^packages/realtime/src/domain/';
const TYPEBOX = 'node_modules/typebox/';

interface Layer {
  readonly name: string;
  /** The layer's own files; they may import each other. */
  readonly of: string;
  /** What else of our own it may import. */
  readonly sees: readonly string[];
}

/** A layer at the core: what it does not see of our own it may not import, nor anything third-party or of Node's. */
function core({ name, of, sees }: Layer): Rule {
  return { name, severity: 'error', from: { path: of, pathNot: TESTS }, to: { pathNot: [of, ...sees] } };
}

/** A layer at the rim: it may import third-party modules, and of our own what it sees. */
function rim({ name, of, sees }: Layer): Rule {
  return { name, severity: 'error', from: { path: of, pathNot: TESTS }, to: { path: OURS, pathNot: [of, ...sees] } };
}

/** A module that only these places may import. */
function confined(name: string, module: string, places: readonly string[]): Rule {
  return { name, severity: 'error', from: { path: '^(apps|packages)/', pathNot: [...TESTS, ...places] }, to: { path: module } };
}

const API: readonly Rule[] = [
  core({ name: 'api-domain', of: DOMAIN, sees: [PROTOCOL] }),
  core({ name: 'api-services', of: '^apps/api/src/services/', sees: [DOMAIN, PROTOCOL, REALTIME, '^(node:)?crypto$'] }),
  rim({ name: 'api-schemas', of: '^apps/api/src/schemas/', sees: [DOMAIN, PROTOCOL] }),
  rim({ name: 'api-infrastructure', of: '^apps/api/src/infrastructure/', sees: [DOMAIN, PROTOCOL, REALTIME] }),
  rim({
    name: 'api-routers',
    of: '^apps/api/src/routers/',
    sees: ['^apps/api/src/(services|schemas|domain)/', PROTOCOL, REALTIME],
  }),
  rim({
    name: 'api-config',
    of: '^apps/api/src/(config|settings|closest|configuration-docs)[.]ts$',
    sees: [DOMAIN, PROTOCOL, REALTIME],
  }),
];

const PACKAGES: readonly Rule[] = [
  core({ name: 'realtime-domain', of: REALTIME_DOMAIN, sees: [PROTOCOL, TYPEBOX] }),
  rim({ name: 'realtime-service', of: '^packages/realtime/src/service/', sees: [REALTIME_DOMAIN, PROTOCOL] }),
  rim({ name: 'realtime-infrastructure', of: '^packages/realtime/src/infrastructure/', sees: [REALTIME_DOMAIN, PROTOCOL] }),
  rim({
    name: 'realtime-router',
    of: '^packages/realtime/src/router/',
    sees: ['^packages/realtime/src/(service|domain|infrastructure)/', PROTOCOL],
  }),
  rim({ name: 'realtime-on-protocol', of: '^packages/realtime/src/', sees: [PROTOCOL] }),
  rim({ name: 'protocol-alone', of: PROTOCOL, sees: [] }),
  {
    name: 'nothing-imports-apps',
    severity: 'error',
    from: { path: '^(packages|clients|examples)/' },
    to: { path: '^apps/' },
  },
  {
    // By its name, not by a path into it: only then do its exports say what is public.
    name: 'packages-by-name',
    severity: 'error',
    from: { path: '^(apps|examples|packages)/([^/]+)/' },
    to: { path: '^packages/', pathNot: '^packages/$2/', dependencyTypes: ['local'] },
  },
];

const CONFINED: readonly Rule[] = [
  confined('fastify-in-routers', 'node_modules/(fastify|@fastify)/', ['^apps/api/src/(routers/|app[.]ts$)']),
  confined('ws-in-realtime', 'node_modules/ws/', ['^packages/realtime/src/(infrastructure|router)/']),
  confined('kysely-in-database', 'node_modules/kysely/', ['^apps/api/src/infrastructure/database/']),
  confined('sqlite-in-infrastructure', '^(node:)?sqlite$', [
    '^packages/realtime/src/infrastructure/',
    '^apps/api/src/infrastructure/database/',
  ]),
  confined('pino-in-logging', 'node_modules/pino/', ['^apps/api/src/(infrastructure/log(ging/|[.]ts$)|app[.]ts$)']),
  confined('figures-in-metrics', 'node_modules/prom-client/', ['^apps/api/src/infrastructure/metrics/']),
  confined('spans-in-tracing', 'node_modules/@opentelemetry/', ['^apps/api/src/(infrastructure/tracing/|composition[.]ts$)']),
];

const EVERYWHERE: readonly Rule[] = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'no-tests-in-code',
    severity: 'error',
    from: { path: '^(apps|packages)/[^/]+/src/', pathNot: TESTS },
    to: { path: TESTS },
  },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

/** Every rule; the fixture breaks each. */
export const LAYER_RULES: readonly Rule[] = [...API, ...PACKAGES, ...CONFINED, ...EVERYWHERE];

/** How imports are found and resolved: as Node does it with `--conditions=source`. */
export const CRUISE_OPTIONS: ICruiseOptions = {
  doNotFollow: 'node_modules',
  exclude: '^(apps|packages)/[^/]+/dist/',
  moduleSystems: ['es6', 'cjs'],
  // TypeScript 7 has no parser for other tools; without this one the cruise finds no imports at all, and passes.
  parser: 'swc',
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['source', 'import', 'node', 'types', 'default'],
    extensions: ['.ts', '.js', '.mjs', '.json', '.d.ts'],
  },
};
