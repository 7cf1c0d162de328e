import type { Logger } from '../domain/ports.ts';

const nothing = (): void => undefined;

/** Logs nothing: the default of hosts that bring no logger. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
