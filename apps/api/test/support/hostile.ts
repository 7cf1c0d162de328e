/** Requests that nobody should send: every value at every place, one at a time; and by chance, several at once. */
import fc from 'fast-check';
import { ENCODED, HEADERS, JSONS, LONG, MALFORMED, NESTED, TEXTS } from './hostile-values.ts';
import type { JsonSchema, Operation, Parameter } from './open-api.ts';

/** Everything of a request but its method. */
export interface HostileRequest {
  /** With {@link REAL_ID} where the number of a resource that exists is to stand. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whose token it carries: one that is valid, or what is none. */
  readonly token: 'valid' | 'foreign' | 'none' | 'broken';
}

export const REAL_ID = '<id>';

type Example = Readonly<Record<string, unknown>>;

const TEXT_JSONS = TEXTS.map((text) => JSON.stringify(text));
const FOR_TEXTS = [...TEXT_JSONS, ...JSONS, ...LONG];
const FOR_OTHERS = [...TEXT_JSONS.slice(0, 5), ...JSONS, ...NESTED, ...LONG];
const ALL_JSONS = [...FOR_TEXTS, ...NESTED];

/**
 * Each hostile value once at each place of an operation, the rest as it should be.
 * @param example a valid body, where the operation takes one.
 */
export function eachHostileRequest(operation: Operation, example: Example): HostileRequest[] {
  const { path, parameters, body, method } = operation;
  const usual: HostileRequest = { path: fill(path), headers: {}, token: 'valid', body: body && JSON.stringify(example) };
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const headerNames = [
    ...(body ? ['content-type'] : []),
    ...parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name),
  ];
  const absent = Object.keys(body?.properties ?? {}).filter((name) => !Object.hasOwn(example, name));
  const added = absent.flatMap((name) => placesIn({ ...example, [name]: '' }).filter(({ key }) => key === name));
  const places = body ? [...placesIn(example), ...added] : [];
  return [
    ...(path.includes('{') ? ENCODED.map((id) => ({ ...usual, path: fill(path, id) })) : []),
    ...inQuery.flatMap(({ name }) => ENCODED.map((value) => ({ ...usual, path: `${usual.path}?${name}=${value}` }))),
    ...headerNames.flatMap((name) => (HEADERS[name] ?? []).map((value) => ({ ...usual, headers: { [name]: value } }))),
    ...places.flatMap(({ is, with: put }) =>
      (is === 'string' ? FOR_TEXTS : FOR_OTHERS).map((value) => ({ ...usual, body: put(value) })),
    ),
    ...(method === 'GET' ? [] : [...MALFORMED, ...JSONS].map((text) => ({ ...usual, body: text }))),
  ];
}

function fill(path: string, id = REAL_ID): string {
  return path.replace(/\{\w+\}/g, () => id);
}

/** Where a value stands in another. */
interface Place {
  /** The nearest key above it; none for the whole and in lists. */
  readonly key: string | undefined;
  /** The type of what stands there. */
  readonly is: string;
  /** The whole as JSON, with this JSON in the place. */
  with(json: string): string;
}

/** All places in a value, at any depth. */
function placesIn(value: unknown, key?: string): Place[] {
  const whole: Place = { key, is: typeof value, with: (json) => json };
  if (typeof value !== 'object' || value === null) return [whole];
  const inside = Object.entries(value).flatMap(([name, item]) =>
    placesIn(item, Array.isArray(value) ? undefined : name).map((place) => ({
      ...place,
      with: (json: string) => replaced(value, name, place.with(json)),
    })),
  );
  return [whole, ...inside];
}

function replaced(value: object, name: string, json: string): string {
  const items = Object.entries(value).map(([key, item]): [string, string] => [key, key === name ? json : JSON.stringify(item)]);
  return Array.isArray(value) ? `[${items.map(([, item]) => item).join()}]` : objectOf(items);
}

function objectOf(fields: readonly (readonly [name: string, value: string])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
}

const text = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...TEXTS) }, fc.string({ unit: 'binary' }));
const json = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ALL_JSONS) }, fc.json({ maxDepth: 4 }));
/** Percent-encoded, and not so long that the headers are refused as a whole. */
const encodedText = text.map((value) => encodeURIComponent(value.slice(0, 1_100).toWellFormed()));
const encoded = fc.oneof(fc.constantFrom(...ENCODED), encodedText);
const id = fc.oneof({ weight: 4, arbitrary: fc.constant(REAL_ID) }, encoded);
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc
    .constantFrom(...Object.entries(HEADERS))
    .chain(([name, values]) => fc.constantFrom(...values).map((value) => ({ [name]: value }))),
);
const token = fc.oneof({ weight: 20, arbitrary: fc.constant('valid' as const) }, fc.constantFrom('foreign', 'none', 'broken'));

/** Requests to an operation, hostile in anything. @param example a valid body, where the operation takes one. */
export function hostileRequests(operation: Operation, example: Example): fc.Arbitrary<HostileRequest> {
  return fc.record({ path: pathOf(operation), headers, body: bodyOf(operation, example), token });
}

const UNKNOWN_PARAMETERS = ['unknown', '__proto__', 'page[]', 'page[a]', 'size%00', ''];

function pathOf({ path, parameters }: Operation): fc.Arbitrary<string> {
  const known = parameters
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => fc.tuple(fc.constant(parameter.name), queryValue(parameter)));
  const unknown = fc.tuple(fc.constantFrom(...UNKNOWN_PARAMETERS), encoded);
  const query = fc.oneof(fc.constant([]), fc.array(fc.oneof(...known, unknown), { maxLength: 3 }));
  return fc.tuple(id, query).map(([given, pairs]) => {
    return fill(path, given) + (pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`);
  });
}

/** A query parameter's value: of the type that is wanted, at times. */
function queryValue({ schema }: Parameter): fc.Arbitrary<string> {
  const wanted = fc.constantFrom<unknown>(...(schema.enum ?? [1, 2, 100]), REAL_ID).map(String);
  return fc.oneof(wanted, wanted, encoded);
}

function bodyOf({ method, body }: Operation, example: Example): fc.Arbitrary<string | undefined> {
  if (method === 'GET') return fc.constant(undefined);
  const whole = JSON.stringify(example);
  const cut = fc.nat(whole.length).map((end) => whole.slice(0, end));
  const unusual = fc.oneof(json, fc.constantFrom(...MALFORMED), cut);
  const absent = fc.constant(undefined);
  if (!body) return fc.oneof({ weight: 4, arbitrary: absent }, unusual);
  return fc.oneof({ weight: 10, arbitrary: withHostileFields(body.properties, example) }, unusual, absent);
}

/** The example, with some fields replaced, and at times one that nobody asked for; a field may then stand there twice. */
function withHostileFields(properties: Readonly<Record<string, JsonSchema>>, example: Example): fc.Arbitrary<string> {
  const usual = Object.entries(example).map(([name, value]): [string, string] => [name, JSON.stringify(value)]);
  const known = Object.entries(properties).map(([name, schema]) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: typed(schema) }, { weight: 1, arbitrary: json })),
  );
  const unknown = fc.tuple(fc.constantFrom('id', 'version', 'user_id', '__proto__', 'constructor', 'x\u0000'), json);
  return fc.array(fc.oneof(...known, unknown), { maxLength: 3 }).map((fields) => {
    const kept = usual.filter(([name]) => !fields.some(([other]) => other === name));
    return objectOf([...kept, ...fields]);
  });
}

/** JSON of the type that a schema names, and hostile otherwise. */
function typed({ type, enum: choices }: JsonSchema): fc.Arbitrary<string> {
  if (choices) return fc.constantFrom(...choices).map((choice) => JSON.stringify(choice));
  const types = [type].flat();
  if (types.includes('string')) return text.map((value) => JSON.stringify(value));
  if (types.includes('integer')) return fc.constantFrom('0', '-1', '1', '2', '100', '1.0', '9007199254740993', '1e400');
  if (types.includes('array')) return fc.array(json, { maxLength: 3 }).map((items) => `[${items.join()}]`);
  return fc.array(fc.tuple(text, json), { maxLength: 3 }).map((fields) => objectOf(fields));
}
