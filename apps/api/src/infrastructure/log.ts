import { type Logger, pino, stdTimeFunctions } from 'pino';

/** Fields that hold secrets. None is logged on purpose; this catches what a library or a later change adds. */
const SECRET_FIELDS = ['authorization', 'token', 'access_token', 'user_secret', 'jwtSecret', 'password', 'body'];

/** The structured log: JSON lines on standard output, written in the background. @param level one of pino's, or `silent`. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.headers.${field}`]), censor: '[secret]' },
    },
    pino.destination({ dest: 1, sync: false }),
  );
}
