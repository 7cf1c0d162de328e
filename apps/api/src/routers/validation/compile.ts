/**
 * Turns a schema into a reader, once, at the start. A reader coerces and checks in one walk, and collects every fault instead of
 * stopping at the first: what Ajv would need a walk before and a translation after for.
 */
import type { TSchema } from 'typebox';
import type { Faults } from './faults.ts';
import { type Keywords, scalarReader } from './scalars.ts';

type JsonObject = Readonly<Record<string, unknown>>;
type Location = readonly (string | number)[];

/** Reads a value: returns it as the schema's type has it, or adds to `faults` (and what it returns is worth nothing). */
export type Reader = (input: unknown, location: Location, faults: Faults) => unknown;

interface Structure extends Keywords {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: TSchema;
  readonly default?: unknown;
  readonly writeOnly?: boolean;
}

/** @throws Error for a schema that no reader exists for, so that a route cannot start unchecked. */
export function compileReader(schema: TSchema & Structure): Reader {
  const types = [schema.type].flat();
  const type = types.find((name) => name !== 'null');
  const reader = compileType(schema, type);
  if (!types.includes('null')) return reader;
  return (input, location, faults) => (input === null ? null : reader(input, location, faults));
}

function compileType(schema: TSchema & Structure, type: unknown): Reader {
  if (type === 'object') return schema.properties ? objectReader(schema, schema.properties) : readFreeObject;
  if (type === 'array' && schema.items) return arrayReader(schema.items);
  const read = scalarReader(schema, type);
  if (!read) throw new Error(`No reader for the schema ${JSON.stringify(schema)}.`);
  const secret = schema.writeOnly === true;
  return (input, loc, faults) => {
    const reading = read(input);
    if ('value' in reading) return reading.value;
    faults.add({ ...reading, loc, input: secret ? null : input });
    return undefined;
  };
}

function readFreeObject(input: unknown, loc: Location, faults: Faults): unknown {
  if (!isObject(input)) faults.add({ type: 'dict_type', loc, msg: 'Input should be a valid dictionary', input });
  return input;
}

function arrayReader(items: TSchema): Reader {
  const read = compileReader(items);
  return (input, loc, faults) => {
    if (Array.isArray(input)) return input.map((item, index) => read(item, [...loc, index], faults));
    faults.add({ type: 'list_type', loc, msg: 'Input should be a valid list', input });
    return undefined;
  };
}

interface Property {
  readonly name: string;
  readonly read: Reader;
  readonly required: boolean;
  readonly fallback: unknown;
}

function objectReader(schema: Structure, properties: Readonly<Record<string, TSchema>>): Reader {
  const known = Object.entries(properties).map(([name, property]) => compileProperty(schema, name, property));
  // With a secret among the properties, what was sent instead of it may be that secret under a wrong name.
  const secret = Object.values<TSchema & Structure>(properties).some(({ writeOnly }) => writeOnly);
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  return (input, loc, faults) => {
    if (!isObject(input)) {
      faults.add({ type: 'model_attributes_type', loc, msg, input: secret ? null : input });
      return undefined;
    }
    const at = { loc, faults, shown: secret ? {} : input };
    const entries = known.flatMap((property) => readProperty(property, input, at));
    if (schema.additionalProperties === false) refuseUnknown(input, properties, at);
    return Object.fromEntries(entries);
  };
}

interface Place {
  readonly loc: Location;
  readonly faults: Faults;
  /** The object, as far as a fault may show it. */
  readonly shown: unknown;
}

/** @returns the property's name and value in a list, which is empty where the property is absent. */
function readProperty(
  { name, read, required, fallback }: Property,
  from: JsonObject,
  { loc, faults, shown }: Place,
): [string, unknown][] {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  if (value !== undefined) return [[name, read(value, [...loc, name], faults)]];
  if (fallback !== undefined) return [[name, fallback]];
  if (required) faults.add({ type: 'missing', loc: [...loc, name], msg: 'Field required', input: shown });
  return [];
}

function compileProperty(schema: Structure, name: string, property: TSchema & Structure): Property {
  const required = schema.required?.includes(name) ?? false;
  return { name, read: compileReader(property), required, fallback: property.default };
}

function refuseUnknown(input: JsonObject, properties: object, { loc, faults }: Place): void {
  for (const [name, value] of Object.entries(input)) {
    if (Object.hasOwn(properties, name)) continue;
    faults.add({ type: 'extra_forbidden', loc: [...loc, name], msg: 'Extra inputs are not permitted', input: value });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
