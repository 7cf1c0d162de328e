import { expect, test } from 'vitest';
import { ConfigError, readConfig, unknownVariables } from './config.ts';
import { configurationDocs } from './configuration-docs.ts';
import { settingsByVariable, splitOrigins } from './settings.ts';

test('without variables all is at its default', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8000,
    dataDir: './data',
    brokerUrl: 'memory:',
    tokenMinutes: 30,
    allowedOrigins: '',
    logLevel: 'info',
    rateLimits: 'on',
    requestsPerUserPerMinute: 1200,
    requestsPerAddressPerMinute: 6000,
    registrationsPerAddress: 20,
    tokensPerAddressPerMinute: 60,
    requestSocketsPerAddress: 500,
    registration: 'open',
    maxBodyBytes: 1_048_576,
    retentionDays: 7,
    retentionCount: 100_000,
    realtime: { heartbeatSeconds: 25, authTimeoutSeconds: 5 },
  });
  for (const name of [
    'databaseUrl',
    'jwtSecret',
    'publicUrl',
    'jwksUrl',
    'jwtIssuer',
    'jwtAudience',
    'metricsPort',
    'metricsToken',
  ] as const)
    expect(config[name]).toBeUndefined();
  expect(readConfig({ FRIDAY_PORT: '', FRIDAY_HOST: '' })).toEqual(config);
});

test('each variable is read', () => {
  const config = readConfig({
    FRIDAY_HOST: '::',
    FRIDAY_PORT: '0',
    FRIDAY_DATABASE_URL: 'sqlite:/srv/x.db',
    FRIDAY_JWT_SECRET: 'ü'.repeat(16),
    FRIDAY_PUBLIC_URL: 'https://friday.example/',
    FRIDAY_ALLOWED_ORIGINS: ' https://a.example ,, http://b.example:81',
    FRIDAY_LOG_LEVEL: 'silent',
    FRIDAY_METRICS_PORT: '9464',
    FRIDAY_METRICS_HOST: '::1',
    FRIDAY_METRICS_TOKEN: 'sixteen-bytes-or-more',
    FRIDAY_HEARTBEAT_SECONDS: '7',
  });
  expect(config).toMatchObject({
    host: '::',
    port: 0,
    databaseUrl: 'sqlite:/srv/x.db',
    logLevel: 'silent',
    metricsPort: 9464,
    metricsHost: '::1',
    metricsToken: 'sixteen-bytes-or-more',
    realtime: { heartbeatSeconds: 7 },
  });
  expect(splitOrigins(config.allowedOrigins)).toEqual(['https://a.example', 'http://b.example:81']);
});

test.each([
  ['FRIDAY_PORT', '65536', "FRIDAY_PORT is '65536'; allowed: a whole number from 0 to 65535."],
  ['FRIDAY_METRICS_TOKEN', 'too short', 'FRIDAY_METRICS_TOKEN has white space in it; allowed: at least 16 bytes'],
  ['FRIDAY_METRICS_TOKEN', 'short', 'FRIDAY_METRICS_TOKEN has only 5 bytes; allowed: at least 16 bytes'],
  ['FRIDAY_METRICS_PORT', 'x', "FRIDAY_METRICS_PORT is 'x'; allowed: a whole number from 0 to 65535."],
  ['FRIDAY_PORT', '-1', "FRIDAY_PORT is '-1'; allowed: a whole number from 0 to 65535."],
  ['FRIDAY_PORT', '80.0', "FRIDAY_PORT is '80.0'; allowed"],
  ['FRIDAY_PORT', '0x50', "FRIDAY_PORT is '0x50'; allowed"],
  ['FRIDAY_PORT', ' 80', "FRIDAY_PORT is ' 80'; allowed"],
  ['FRIDAY_PORT', 'a\nb\r\nc', "FRIDAY_PORT is 'a b c'; allowed"],
  ['FRIDAY_TOKEN_MINUTES', '0', 'allowed: a whole number from 1 to 1440 (min).'],
  ['FRIDAY_LOG_LEVEL', 'INFO', "FRIDAY_LOG_LEVEL is 'INFO'; allowed: trace, debug, info, warn, error, fatal, silent."],
  [
    'FRIDAY_REQUESTS_PER_ADDRESS_PER_MINUTE',
    '0',
    "FRIDAY_REQUESTS_PER_ADDRESS_PER_MINUTE is '0'; allowed: a whole number from 1 to 10000000 (requests).",
  ],
  ['FRIDAY_RATE_LIMITS', 'no', "FRIDAY_RATE_LIMITS is 'no'; allowed: on, off."],
  ['FRIDAY_JWT_SECRET', 'x'.repeat(31), 'FRIDAY_JWT_SECRET has only 31 bytes; allowed: at least 32 bytes.'],
  ['FRIDAY_DATABASE_URL', 'sqlite:', 'FRIDAY_DATABASE_URL is no SQLite file'],
  ['FRIDAY_DATABASE_URL', 'postgres://u:p@h/d', 'FRIDAY_DATABASE_URL is no SQLite file (PostgreSQL is not supported yet)'],
  ['FRIDAY_BROKER_URL', 'redis://h', 'FRIDAY_BROKER_URL names a broker that is not supported yet; allowed: `memory:`.'],
  ['FRIDAY_PUBLIC_URL', 'friday.example', 'FRIDAY_PUBLIC_URL is no such URL; allowed: an http: or https: URL without a path.'],
  ['FRIDAY_PUBLIC_URL', 'https://friday.example/app', 'FRIDAY_PUBLIC_URL is no such URL'],
  ['FRIDAY_PUBLIC_URL', 'https://u@friday.example', 'FRIDAY_PUBLIC_URL is no such URL'],
  ['FRIDAY_PUBLIC_URL', 'ftp://friday.example', 'FRIDAY_PUBLIC_URL is no such URL'],
  [
    'FRIDAY_ALLOWED_ORIGINS',
    'https://a.example, b.example',
    "FRIDAY_ALLOWED_ORIGINS has the entry 'b.example'; allowed: a list of origins",
  ],
  ['FRIDAY_REGISTRATION', 'no', "FRIDAY_REGISTRATION is 'no'; allowed: open, closed."],
  ['FRIDAY_TRUSTED_PROXIES', '11', "FRIDAY_TRUSTED_PROXIES is '11'; allowed: a whole number from 0 to 10 (hops)."],
  [
    'FRIDAY_JWKS_URL',
    'issuer.example/keys',
    'FRIDAY_JWKS_URL is no such URL; allowed: an http: or https: URL without credentials',
  ],
  ['FRIDAY_JWKS_URL', 'file:///keys', 'FRIDAY_JWKS_URL is no such URL'],
  ['FRIDAY_JWKS_URL', 'https://u:p@issuer.example/keys', 'FRIDAY_JWKS_URL is no such URL'],
  [
    'FRIDAY_JWKS_URL',
    'https://issuer.example/keys',
    'FRIDAY_JWKS_URL cannot be used without FRIDAY_JWT_ISSUER and FRIDAY_JWT_AUDIENCE',
  ],
  [
    'FRIDAY_JWT_ISSUER',
    'https://issuer.example',
    'FRIDAY_JWT_ISSUER cannot be used without FRIDAY_JWKS_URL and FRIDAY_JWT_AUDIENCE',
  ],
  [
    'FRIDAY_JWT_AUDIENCE',
    'friday',
    'cannot be used without FRIDAY_JWKS_URL and FRIDAY_JWT_ISSUER; allowed: all of them, or none.',
  ],
  ['FRIDAY_HEARTBEAT_SECONDS', 'soon', "FRIDAY_HEARTBEAT_SECONDS is 'soon'; allowed: a whole number from 1 to 3600 (s)."],
])('%s=%j is refused in one line', (name, value, line) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(line);
  expect(read).not.toThrow('\n');
});

test('another issuer is named by three variables together', () => {
  const given = {
    FRIDAY_JWKS_URL: 'https://issuer.example/keys?v=1',
    FRIDAY_JWT_ISSUER: 'https://issuer.example',
    FRIDAY_JWT_AUDIENCE: 'friday',
  };
  expect(readConfig(given)).toMatchObject({
    jwksUrl: 'https://issuer.example/keys?v=1',
    jwtIssuer: 'https://issuer.example',
    jwtAudience: 'friday',
  });
  const { FRIDAY_JWT_AUDIENCE: _, ...two } = given;
  const line = 'FRIDAY_JWKS_URL and FRIDAY_JWT_ISSUER cannot be used without FRIDAY_JWT_AUDIENCE; allowed: all of them, or none.';
  expect(() => readConfig(two)).toThrow(line);
});

test('all origins may be allowed', () => {
  expect(readConfig({ FRIDAY_ALLOWED_ORIGINS: '*' }).allowedOrigins).toBe('*');
});

test('unknown variables are named with what was probably meant', () => {
  expect(unknownVariables({ FRIDAY_PROT: '1', FRIDAY_LOGLEVEL: 'x', FRIDAY_PORT: '1', HOME: '/', friday_port: '1' })).toEqual([
    'FRIDAY_LOGLEVEL is no setting: did you mean FRIDAY_LOG_LEVEL?',
    'FRIDAY_PROT is no setting: did you mean FRIDAY_PORT?',
  ]);
});

test('the documentation has a row for every variable, with its default and limits', () => {
  const docs = configurationDocs();
  for (const variable of Object.keys(settingsByVariable())) expect(docs).toContain(`\n| \`${variable}\` | `);
  expect(docs).toContain('| `FRIDAY_PORT` | `8000` | 0 to 65535 | The port');
  expect(docs).toContain('| `FRIDAY_RATE_LIMITS` | `on` | `on`, `off` | ');
  expect(docs).toContain('| `FRIDAY_DATABASE_URL` | `friday.db` in the data folder | `sqlite:PATH`, the path of a file | ');
  expect(docs).not.toMatch(/undefined|FRIDAY_\w+[a-z]/);
});
