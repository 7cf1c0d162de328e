/** Looks over a JSON Schema as OpenAPI 3.1 takes it: draft 2020-12, of which this knows what the server uses. */

type Keywords = Readonly<Record<string, unknown>>;

/** What each keyword's value must be. A keyword that is not here is a fault: misspelt, of an older draft, or to be added. */
const KEYWORDS: Readonly<Record<string, (value: unknown, schema: Keywords) => boolean>> = {
  type: (value) => [value].flat().every((name) => TYPES.includes(String(name))),
  enum: (value) => Array.isArray(value) && value.length > 0 && new Set(value).size === value.length,
  const: () => true,
  properties: isObject,
  required: (value, { properties }) => Array.isArray(value) && value.every((name) => isNeeded(properties, String(name))),
  additionalProperties: (value) => typeof value === 'boolean',
  items: isObject,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  pattern: (value) => new RegExp(String(value), 'u') instanceof RegExp,
  format: (value) => ['date-time', 'uuid'].includes(String(value)),
  default: (value, { type }) =>
    [type].flat().some((name) => (name === 'integer' ? Number.isInteger(value) : name === typeof value)),
  title: isText,
  description: isText,
  writeOnly: (value) => typeof value === 'boolean',
  examples: Array.isArray,
};

const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null'];

/** @returns where in a schema, and in those within it, something is wrong; each with its path. */
export function schemaFaults(schema: unknown, path: string): string[] {
  if (!isObject(schema)) return [`${path} is no schema`];
  const own = Object.entries(schema).filter(([name, value]) => !KEYWORDS[name]?.(value, schema));
  const inner = [
    ...Object.entries(isObject(schema['properties']) ? schema['properties'] : {}),
    ...(schema['items'] === undefined ? [] : [['items', schema['items']] as const]),
  ];
  return [
    ...own.map(([name, value]) => `${path}/${name} is ${JSON.stringify(value)}`),
    ...inner.flatMap(([name, value]) => schemaFaults(value, `${path}/${name}`)),
  ];
}

/** What has a default may be left out. */
function isNeeded(properties: unknown, name: string): boolean {
  const property = isObject(properties) ? properties[name] : undefined;
  return isObject(property) && property['default'] === undefined;
}

function isObject(value: unknown): value is Keywords {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
