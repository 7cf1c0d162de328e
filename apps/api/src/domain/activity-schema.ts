/**
 * The JSON Schemas with which users say what a moment of an activity holds. They come from strangers and will be run against other
 * data later, so what could not be run safely is refused when it is given. Whether a schema means anything is not looked at:
 * unknown types, references to nothing. Source: REST specification, section "Activities".
 */
import { memberPath, unkeepable } from './json.ts';

/** A JSON Schema as its user wrote it. */
export type ActivitySchema = Readonly<Record<string, unknown>>;

/** Limits of a schema. */
export const ACTIVITY_SCHEMA_LIMITS = {
  /** Of its JSON form, in UTF-8. */
  bytes: 65_536,
  /** Objects and lists within one another, the schema itself included. */
  levels: 50,
  /** Characters of one regular expression. */
  patternCharacters: 1_000,
} as const;

/** Keywords whose text names another schema. Source: JSON Schema 2019-09 and 2020-12, Core, section 8.2. */
const REFERENCES: readonly string[] = ['$ref', '$dynamicRef', '$recursiveRef'];

/**
 * What is wrong with a schema.
 * @param path how to name the schema in the faults.
 * @returns one phrase a fault, each naming its place; none where the schema is taken.
 */
export function activitySchemaFaults(schema: ActivitySchema, path: string): string[] {
  const { bytes, levels } = ACTIVITY_SCHEMA_LIMITS;
  if (isDeeperThan(schema, levels)) return [`${path} must have at most ${levels} levels of objects and lists`];
  if (Buffer.byteLength(JSON.stringify(schema)) > bytes) return [`${path} must have at most ${bytes} bytes as JSON`];
  return [...shapeFaults(schema, path), ...contentFaults(schema, path)];
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

/** The schema must describe an object, and say of which properties. */
function* shapeFaults(schema: ActivitySchema, path: string): Generator<string> {
  const { type, properties, patternProperties = {} } = schema;
  if (type !== 'object') yield `${path}.type must be "object"`;
  if (!isObject(properties)) yield `${path}.properties must be an object`;
  if (!isObject(patternProperties)) yield `${path}.patternProperties must be an object`;
  const entries = isObject(properties) ? propertyEntries(properties, `${path}.properties`) : [];
  const byPattern = isObject(patternProperties) ? propertyEntries(patternProperties, `${path}.patternProperties`) : [];
  for (const [place, entry] of [...entries, ...byPattern]) {
    if (!isObject(entry)) yield `${place} must be an object`;
    else if (!Object.hasOwn(entry, 'type') && !Object.hasOwn(entry, '$ref')) yield `${place} must have a type or a $ref`;
  }
  if (entries.length + byPattern.length === 0) yield* emptyFaults(schema, path);
}

function propertyEntries(properties: ActivitySchema, path: string): [place: string, entry: unknown][] {
  return Object.entries(properties).map(([name, entry]) => [memberPath(path, name), entry]);
}

/** Without properties of any name, these would leave nothing that a moment could hold. */
function* emptyFaults(schema: ActivitySchema, path: string): Generator<string> {
  const { required, additionalProperties } = schema;
  if (Array.isArray(required) && required.length > 0) yield `${path}.required needs properties`;
  if (additionalProperties === false) yield `${path}.additionalProperties cannot be false without properties`;
  for (const name of ['minProperties', 'maxProperties']) {
    if (Object.hasOwn(schema, name)) yield `${path}.${name} needs properties`;
  }
}

/**
 * Looks at every value, whatever keyword it stands under: a reference may name any place of the schema, and so make a schema of
 * what looks like mere data.
 */
function* contentFaults(value: unknown, path: string): Generator<string> {
  const fault = unkeepable(value);
  if (fault) yield `${path} ${fault}`;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : memberPath(path, key);
    yield* keywordFaults(key, item, place);
    yield* contentFaults(item, place);
  }
}

function* keywordFaults(key: string, value: unknown, path: string): Generator<string> {
  const fault = unkeepable(key);
  if (fault) yield `${path} ${fault}`;
  if (REFERENCES.includes(key) && typeof value === 'string' && !value.startsWith('#')) {
    yield `${path} must point into the same schema, and start with #`;
  }
  if (key === 'pattern' && typeof value === 'string') yield* patternFaults(value, path);
  if (key === 'patternProperties' && isObject(value)) {
    for (const pattern of Object.keys(value)) yield* patternFaults(pattern, memberPath(path, pattern));
  }
}

function* patternFaults(pattern: string, path: string): Generator<string> {
  const { patternCharacters } = ACTIVITY_SCHEMA_LIMITS;
  if (pattern.length > patternCharacters) yield `${path} must have at most ${patternCharacters} characters`;
  else if (!isExpression(pattern)) yield `${path} must be a regular expression (ECMA-262)`;
}

/** With the flag `u`, as JSON Schema has it, or without: that takes needless escapes, such as `\-`, which older schemas have. */
function isExpression(pattern: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(pattern, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}

function isObject(value: unknown): value is ActivitySchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
