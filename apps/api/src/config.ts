/** The only reader of the environment. */
import type { RealtimeSettings } from '@friday/realtime';
import { closest } from './closest.ts';
import {
  type ChoiceSetting,
  type IntegerSetting,
  REALTIME_SETTING_TABLE,
  SERVER_SETTINGS,
  type Setting,
  settingsByVariable,
  type TextSetting,
  variableName,
} from './settings.ts';

/** The type of a setting's value. */
type ValueOf<S> =
  S extends IntegerSetting<infer Default>
    ? number | Extract<Default, undefined>
    : S extends ChoiceSetting<infer Value>
      ? Value
      : S extends TextSetting<infer Default>
        ? string | Extract<Default, undefined>
        : never;

export type ServerConfig = { readonly [Name in keyof typeof SERVER_SETTINGS]: ValueOf<(typeof SERVER_SETTINGS)[Name]> };

/** What the program runs with. */
export interface Config extends ServerConfig {
  readonly realtime: RealtimeSettings;
}

/** A value that the program refuses to start with: one line that names the variable, the fault and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration. An empty variable counts as absent.
 * @throws ConfigError for the first variable with a wrong value, or without those that it needs.
 */
export function readConfig(environment: Environment = process.env): Config {
  const server = readTable(SERVER_SETTINGS, environment);
  const realtime = readTable(REALTIME_SETTING_TABLE, environment);
  checkTogether(['jwksUrl', 'jwtIssuer', 'jwtAudience'], server);
  // The tables' types say what each value is; Object.fromEntries forgets it.
  return { ...(server as ServerConfig), realtime: realtime as RealtimeSettings };
}

/** Settings that say nothing without each other. */
function checkTogether(names: readonly string[], values: Readonly<Record<string, unknown>>): void {
  const given = names.filter((name) => values[name] !== undefined).map(variableName);
  const missing = names.filter((name) => values[name] === undefined).map(variableName);
  if (given.length === 0 || missing.length === 0) return;
  throw new ConfigError(`${given.join(' and ')} cannot be used without ${missing.join(' and ')}; allowed: all of them, or none.`);
}

/** One warning for each `FRIDAY_…` variable that no setting has, with the name that was probably meant. */
export function unknownVariables(environment: Environment = process.env): string[] {
  const known = Object.keys(settingsByVariable());
  const unknown = Object.keys(environment).filter((name) => name.startsWith('FRIDAY_') && !known.includes(name));
  return unknown.toSorted().map((name) => `${name} is no setting: did you mean ${closest(name, known)}?`);
}

function readTable(table: Readonly<Record<string, Setting>>, environment: Environment): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([name, setting]) => [name, readSetting(name, setting, environment)]));
}

function readSetting(name: string, setting: Setting, environment: Environment): string | number | undefined {
  const variable = variableName(name);
  const given = environment[variable];
  if (given === undefined || given === '') return setting.default;
  if (setting.type === 'integer') return readInteger(variable, setting, given);
  const fault = setting.type === 'choice' ? choiceFault(setting, given) : setting.fault?.(given);
  if (fault === undefined) return given;
  const allowed = setting.type === 'choice' ? setting.allowed.join(', ') : setting.allowed;
  throw new ConfigError(`${variable} ${fault}; allowed: ${allowed}.`);
}

function choiceFault(setting: ChoiceSetting, given: string): string | undefined {
  return setting.allowed.includes(given) ? undefined : `is '${oneLine(given)}'`;
}

function readInteger(variable: string, { min, max, unit }: IntegerSetting, given: string): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= min && value <= max) return value;
  const allowed = `a whole number from ${min} to ${max}${unit === '' ? '' : ` (${unit})`}`;
  throw new ConfigError(`${variable} is '${oneLine(given)}'; allowed: ${allowed}.`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 80);
}
