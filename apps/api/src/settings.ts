/** Every setting, in one table: name, type, unit, default, limits and what it is for. `docs/configuration.md` is made from it. */
import { REALTIME_SETTINGS } from '@friday/realtime';
import { SIGNING_SECRET_BYTES } from './domain/limits.ts';

interface Described {
  readonly description: string;
}

/** A whole number within limits. */
export interface IntegerSetting<Default extends number | undefined = number | undefined> extends Described {
  readonly type: 'integer';
  readonly default: Default;
  /** What stands for the default in the documentation, where there is none. */
  readonly defaultNote?: string;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/** One of several words. */
export interface ChoiceSetting<Value extends string = string> extends Described {
  readonly type: 'choice';
  readonly default: Value;
  readonly allowed: readonly Value[];
}

/** Text. `fault` says what is wrong with a value, or gives undefined; `allowed` says it in words. */
export interface TextSetting<Default extends string | undefined = string | undefined> extends Described {
  readonly type: 'text';
  readonly default: Default;
  /** What stands for the default in the documentation, where it is no text. */
  readonly defaultNote?: string;
  readonly allowed: string;
  readonly fault?: (value: string) => string | undefined;
  /** The value is never shown. */
  readonly secret?: boolean;
}

export type Setting = IntegerSetting | ChoiceSetting | TextSetting;

/** Levels of the log, the most talkative first. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The least of a token that nobody guesses. */
const METRICS_TOKEN_BYTES = 16;

const HTTP_URL = 'an http: or https: URL without a path';

function integer<Default extends number | undefined>(given: Omit<IntegerSetting<Default>, 'type'>): IntegerSetting<Default> {
  return { type: 'integer', ...given };
}

function choice<const Value extends string>(given: Omit<ChoiceSetting<Value>, 'type'>): ChoiceSetting<Value> {
  return { type: 'choice', ...given };
}

function text<const Default extends string | undefined>(given: Omit<TextSetting<Default>, 'type'>): TextSetting<Default> {
  return { type: 'text', ...given };
}

/** Settings of the server itself, by the name that the program uses; `port` is `FRIDAY_PORT`, and so on. */
export const SERVER_SETTINGS = {
  host: text({
    default: '127.0.0.1',
    allowed: 'an address or a host name of this machine; 0.0.0.0 or :: for all addresses',
    description: 'Where the server listens.',
  }),
  port: integer({
    default: 8000,
    min: 0,
    max: 65_535,
    unit: '',
    description: 'The port that it listens on; 0 takes any that is free.',
  }),
  dataDir: text({
    default: './data',
    allowed: 'a folder',
    description: 'Where the database and the signing secret are kept; made when missing.',
  }),
  databaseUrl: text({
    default: undefined,
    defaultNote: '`friday.db` in the data folder',
    allowed: '`sqlite:PATH`, the path of a file',
    fault: (value) => (/^sqlite:./.test(value) ? undefined : 'is no SQLite file (PostgreSQL is not supported yet)'),
    secret: true,
    description: 'The database.',
  }),
  brokerUrl: text({
    default: 'memory:',
    allowed: '`memory:`',
    fault: (value) => (value === 'memory:' ? undefined : 'names a broker that is not supported yet'),
    secret: true,
    description: 'What carries wake-ups between servers. In memory there is one server.',
  }),
  jwtSecret: text({
    default: undefined,
    defaultNote: 'made at the first start and kept in the data folder',
    allowed: `at least ${SIGNING_SECRET_BYTES} bytes`,
    fault: (value) =>
      Buffer.byteLength(value) < SIGNING_SECRET_BYTES ? `has only ${Buffer.byteLength(value)} bytes` : undefined,
    secret: true,
    description: 'The secret that signs access tokens. Changing it ends all of them.',
  }),
  tokenMinutes: integer({ default: 30, min: 1, max: 1440, unit: 'min', description: 'How long an access token is valid.' }),
  jwksUrl: text({
    default: undefined,
    defaultNote: 'none: only tokens of its own',
    allowed: 'an http: or https: URL without credentials; needs `FRIDAY_JWT_ISSUER` and `FRIDAY_JWT_AUDIENCE`',
    fault: keySetUrlFault,
    description: 'Where the keys of another issuer of tokens are, whose tokens are then accepted too.',
  }),
  jwtIssuer: text({
    default: undefined,
    defaultNote: 'none',
    allowed: 'a text; needs `FRIDAY_JWKS_URL` and `FRIDAY_JWT_AUDIENCE`',
    description: "That issuer's name, as `iss` of its tokens has it, to the letter.",
  }),
  jwtAudience: text({
    default: undefined,
    defaultNote: 'none',
    allowed: 'a text; needs `FRIDAY_JWKS_URL` and `FRIDAY_JWT_ISSUER`',
    description: "This server's name at that issuer: `aud` of its tokens must hold it.",
  }),
  registration: choice({
    default: 'open',
    allowed: ['open', 'closed'],
    description: "Whether anyone may register, and another issuer's users are made at first sight; `closed` for neither.",
  }),
  publicUrl: text({
    default: undefined,
    defaultNote: "the request's own host",
    allowed: HTTP_URL,
    fault: (value) => (isOrigin(value) ? undefined : 'is no such URL'),
    description: "The server's address as browsers see it, such as `https://friday.example`; an allowed origin.",
  }),
  allowedOrigins: text({
    default: '',
    defaultNote: 'none; on loopback also the pages of this machine',
    allowed: `a list of origins, each ${HTTP_URL}, with commas between, or \`*\` for all`,
    fault: originsFault,
    description: 'Whose pages may use REST and WebSocket from a browser. Credentials of the browser are never taken.',
  }),
  logLevel: choice({ default: 'info', allowed: LOG_LEVELS, description: 'The least severe lines that are logged.' }),
  metricsPort: integer<number | undefined>({
    default: undefined,
    defaultNote: 'none: there are no metrics, unless `FRIDAY_METRICS_TOKEN` is set',
    min: 0,
    max: 65_535,
    unit: '',
    description: "A port of its own for Prometheus' `/metrics`; 0 takes any that is free.",
  }),
  metricsHost: text({
    default: '127.0.0.1',
    allowed: 'an address or a host name of this machine; 0.0.0.0 or :: for all addresses',
    description: 'Where that port listens. Set a token too, where others than this machine can reach it.',
  }),
  metricsToken: text({
    default: undefined,
    defaultNote: 'none',
    allowed: `at least ${METRICS_TOKEN_BYTES} bytes, without white space`,
    fault: metricsTokenFault,
    secret: true,
    description: 'Bearer token for `/metrics`: it is then served by the main port too, and both ask for it.',
  }),
  rateLimits: choice({
    default: 'on',
    allowed: ['on', 'off'],
    description:
      'Limits on the rate of requests, registrations, tokens, handshakes and frames; `off` takes them all away, for load tests.',
  }),
  requestsPerUserPerMinute: integer({
    default: 1200,
    min: 1,
    max: 1_000_000,
    unit: 'requests',
    description: 'Requests of one user, or from one address without a valid token; a further one gets 429 `rate_limited`.',
  }),
  requestsPerAddressPerMinute: integer({
    default: 6000,
    min: 1,
    max: 10_000_000,
    unit: 'requests',
    description: 'Requests from one address (IPv6: one /64), of all its users together; a further one gets 429 `rate_limited`.',
  }),
  registrationsPerAddress: integer({
    default: 20,
    min: 1,
    max: 1_000_000,
    unit: 'requests',
    description: 'Attempts to register from one address in ten minutes; a further one gets 429 `rate_limited`.',
  }),
  tokensPerAddressPerMinute: integer({
    default: 60,
    min: 1,
    max: 1_000_000,
    unit: 'requests',
    description: 'Attempts to get a token from one address; a further one gets 429 `rate_limited`.',
  }),
  requestSocketsPerAddress: integer({
    default: 500,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    description:
      'TCP connections of one address besides its WebSockets; a further one gets 429 `too_many_connections`. Not counted behind proxies.',
  }),
  maxBodyBytes: integer({
    default: 1024 * 1024,
    min: 1024,
    max: 64 * 1024 * 1024,
    unit: 'bytes',
    description: 'The longest body of a request; a longer one gets 413.',
  }),
  requestSeconds: integer({
    default: 60,
    min: 1,
    max: 3600,
    unit: 's',
    description: 'How long a request may take to arrive; a slower one gets 408. Its head has ten seconds of it at most.',
  }),
  retentionDays: integer({
    default: 7,
    min: 1,
    max: 3650,
    unit: 'days',
    description: 'How long notifications are kept for clients that are away.',
  }),
  retentionCount: integer({
    default: 100_000,
    min: 1000,
    max: 100_000_000,
    unit: 'notifications',
    description: 'How many notifications each channel keeps at most.',
  }),
} as const satisfies Record<string, Setting>;

/** Settings of the notification layer, from its own table. */
export const REALTIME_SETTING_TABLE: Readonly<Record<string, IntegerSetting>> = Object.fromEntries(
  Object.entries(REALTIME_SETTINGS).map(([name, setting]) => [name, integer(setting)]),
);

/** All settings by the name of their variable. */
export function settingsByVariable(): Readonly<Record<string, Setting>> {
  const all = Object.entries<Setting>({ ...SERVER_SETTINGS, ...REALTIME_SETTING_TABLE });
  return Object.fromEntries(all.map(([name, setting]) => [variableName(name), setting]));
}

/** `maxBodyBytes` is `FRIDAY_MAX_BODY_BYTES`. */
export function variableName(name: string): string {
  return `FRIDAY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The origins of a list with commas. */
export function splitOrigins(list: string): string[] {
  return list.split(',').flatMap((entry) => entry.trim() || []);
}

function originsFault(list: string): string | undefined {
  const wrong = splitOrigins(list).find((entry) => entry !== '*' && !isOrigin(entry));
  return wrong === undefined ? undefined : `has the entry '${wrong}'`;
}

function keySetUrlFault(value: string): string | undefined {
  const url = URL.parse(value);
  const good = url !== null && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password;
  return good ? undefined : 'is no such URL';
}

function metricsTokenFault(value: string): string | undefined {
  if (/\s/.test(value)) return 'has white space in it';
  const bytes = Buffer.byteLength(value);
  return bytes < METRICS_TOKEN_BYTES ? `has only ${bytes} bytes` : undefined;
}

function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
}
