import type { Logger } from '../../src/domain/ports.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is logged. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];
  /** Set: what writing a line that is no error throws. */
  failing: Error | undefined;

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  /** All lines with this message. */
  of(message: string): LogLine[] {
    return this.lines.filter((line) => line.message === message);
  }

  #add(level: LogLine['level'], fields: object, message: string): void {
    if (this.failing && level !== 'error') throw this.failing;
    this.lines.push({ level, message, fields: { ...fields } });
  }
}
