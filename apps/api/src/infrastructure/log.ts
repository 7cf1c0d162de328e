import { type Logger, pino, stdTimeFunctions } from 'pino';

/**
 * Where secrets would stand. None is logged on purpose; this catches what a library or a later change adds. No wildcards: they cost
 * as much as the rest of a line.
 */
const SECRETS = [
  'authorization',
  'token',
  'access_token',
  'user_secret',
  'jwtSecret',
  'body',
  'headers.authorization',
  'headers["sec-websocket-protocol"]',
  'req.headers.authorization',
  'req.headers["sec-websocket-protocol"]',
];

/** The structured log: JSON lines on standard output, written in the background. @param level one of pino's, or `silent`. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor: '[secret]' },
    },
    pino.destination({ dest: 1, sync: false }),
  );
}
