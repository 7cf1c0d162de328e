/** Requests that nobody should send, for fast-check. JSON is made as text, so that it can be what no serializer writes. */
import fc from 'fast-check';
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

const TEXTS = [
  ...['', ' ', 'abc', 'null', 'true', 'NaN', 'Infinity', '0', '-1', '1', '1.0', '1.5', '1e3', '1e400', '0x10', '١'],
  ...['9007199254740993', '99999999999999999999', '-9223372036854775809', '9'.repeat(400)],
  ...[
    "' OR '1'='1",
    '1; DROP TABLE notes; --',
    '" OR ""="',
    '%',
    '_',
    "'||(SELECT secret_hash FROM users)||'",
    '1) UNION SELECT 1--',
  ],
  ...['../../etc/passwd', '{{7*7}}', '<script>alert(1)</script>', '\r\nSet-Cookie: a=b', '__proto__', 'constructor', 'toString'],
  ...['\u0000', 'a\u0000b', '\ud800', '\udfff\ud800', '\ufeff', '\u202e', '\uffff', '\u0085', 'e\u0301', '👩‍👩‍👧‍👦'],
  ...['x'.repeat(256), 'x'.repeat(513), 'x'.repeat(10_001), '👋'.repeat(256), '\u0000'.repeat(600), '('.repeat(1_001)],
  ...['2038-01-19T03:14:08Z', '0000-00-00', '9999-12-31T23:59:59Z', '2020-02-30', '2020-01-01', '+275760-09-13', '1e21', '-1e12'],
  ...['#ABCDEF', 'todo', 'done', 'urgent', 'failed', 'PENDING', 'https://example.org', '#/a', '(a+)+$'],
];

const LITERALS = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '1.5', '1e400', '-1e400', '1e-400', '9007199254740993', '1e21', '[]', '{}'],
  ...['[null]', '[[]]', '[{}]', '[1,"a",null,{}]', '{"":""}', '{"type":"object"}', '{"type":"object","properties":{}}'],
  ...[
    '{"__proto__":{"type":"object"}}',
    '{"constructor":{"prototype":{}}}',
    '{"toString":1,"hasOwnProperty":2}',
    '{"a":1,"a":2}',
  ],
  ...[
    '[{"type":"link","url":"x","__proto__":[]}]',
    '{"$ref":"#"}',
    '{"type":"object","properties":{"a":{"$ref":"#/properties/a"}}}',
  ],
  ...[
    '{"type":"object","properties":{},"patternProperties":{"(":{"type":"x"}}}',
    '"\\ud800"',
    '"\\u0000"',
    '{"\\ud800":"\\udc00"}',
  ],
];

const NESTED = [2, 20, 49, 50, 51, 97, 98, 99, 100, 101, 5_000].flatMap((levels) => [
  '['.repeat(levels) + ']'.repeat(levels),
  `${'{"properties":'.repeat(levels)}{}${'}'.repeat(levels)}`,
]);

const LONG = [
  `[${'1,'.repeat(5_000)}1]`,
  `{${Array.from({ length: 3_000 }, (_, index) => `"k${index}":{}`).join()}}`,
  `"${'\\u0000'.repeat(20_000)}"`,
];

const MALFORMED = [
  '{',
  '{"',
  '[1,]',
  "{'a':1}",
  '{"a":1}}',
  'undefined',
  '\u0000',
  '\ufeff{}',
  '{"a":\u0001}',
  '01',
  '"\\x"',
  '{"a" 1}',
];

const text = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...TEXTS) }, fc.string({ unit: 'binary' }));

/** A JSON value, as text. */
const json = fc.oneof(
  { weight: 4, arbitrary: text.map((value) => JSON.stringify(value)) },
  { weight: 4, arbitrary: fc.constantFrom(...LITERALS) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom(...NESTED) },
  { weight: 1, arbitrary: fc.constantFrom(...LONG) },
);

/** A part of a path or query, percent-encoded or what should be. */
const encoded = fc.oneof(
  { weight: 6, arbitrary: text.map((value) => encodeURIComponent(value.slice(0, 1_100).toWellFormed())) },
  fc.constantFrom('%00', '%ED%A0%80', '%zz', '%', '%2', '%C0%AF', '..%2f..', ';', '1;a=b', '1?', '[]', "1'"),
);

const id = fc.oneof(
  { weight: 6, arbitrary: fc.constant(REAL_ID) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }).map(String) },
  { weight: 3, arbitrary: encoded },
);

/** JSON of the type that a schema names, and hostile otherwise. */
function typed({ type, enum: choices }: JsonSchema): fc.Arbitrary<string> {
  if (choices) return fc.constantFrom(...choices).map((choice) => JSON.stringify(choice));
  const types = [type].flat();
  if (types.includes('string')) return text.map((value) => JSON.stringify(value));
  if (types.includes('integer')) return fc.constantFrom('0', '-1', '1', '2', '100', '1.0', '9007199254740993', '1e400');
  if (types.includes('array')) return fc.array(json, { maxLength: 3 }).map((items) => `[${items.join()}]`);
  return fc.array(fc.tuple(text, json), { maxLength: 3 }).map((fields) => objectOf(fields));
}

/** A query parameter's value: of the type that is wanted, at times. */
function queryValue({ schema }: Parameter): fc.Arbitrary<string> {
  const wanted = fc.constantFrom<unknown>(...(schema.enum ?? [1, 2, 100]), REAL_ID).map(String);
  return fc.oneof(wanted, wanted, encoded);
}

function objectOf(fields: readonly (readonly [name: string, value: string])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
}

const QUERY_NAMES = ['unknown', '__proto__', 'page[]', 'page[a]', 'size%00', ''];

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'if-match': [
    '*',
    '"1"',
    'W/"1"',
    '"',
    '""',
    '1',
    '"1", "x"',
    '"1""2"',
    `"${'9'.repeat(400)}"`,
    '"1e400"',
    '\u00e9',
    ',',
    'x'.repeat(4_000),
  ],
  'friday-client-id': ['a', '', 'x'.repeat(64), 'x'.repeat(65), '\u00e9', '"; --', '\t', '{"a":1}'],
  'content-type': [
    'text/plain',
    'application/x+json',
    'application/json; charset=utf-16',
    'a',
    '/',
    'multipart/form-data',
    'application/xml',
  ],
  accept: ['text/html', '*/*;q=0', ''],
};

const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc
    .constantFrom(...Object.keys(HEADERS))
    .chain((name) => fc.constantFrom(...(HEADERS[name] ?? [])).map((value) => ({ [name]: value }))),
);

/**
 * Requests to an operation, each hostile in something and usual in the rest.
 * @param example a valid body, where the operation takes one.
 */
export function hostileRequests(operation: Operation, example: Readonly<Record<string, unknown>>): fc.Arbitrary<HostileRequest> {
  const token = fc.oneof({ weight: 20, arbitrary: fc.constant('valid' as const) }, fc.constantFrom('foreign', 'none', 'broken'));
  return fc.record({ path: pathOf(operation), headers, body: bodyOf(operation, example), token });
}

function pathOf({ path, parameters }: Operation): fc.Arbitrary<string> {
  const count = parameters.filter((parameter) => parameter.in === 'path').length;
  const known = parameters
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => fc.tuple(fc.constant(parameter.name), queryValue(parameter)));
  const unknown = fc.tuple(fc.constantFrom(...QUERY_NAMES), encoded);
  const query = fc.oneof(fc.constant([]), fc.array(fc.oneof(...known, unknown), { maxLength: 3 }));
  return fc.tuple(fc.tuple(...Array.from({ length: count }, () => id)), query).map(([ids, pairs]) => {
    const rest = [...ids];
    const filled = path.replace(/\{\w+\}/g, () => rest.shift() ?? '');
    return filled + (pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`);
  });
}

function bodyOf({ method, body }: Operation, example: Readonly<Record<string, unknown>>): fc.Arbitrary<string | undefined> {
  if (method === 'GET') return fc.constant(undefined);
  const whole = JSON.stringify(example);
  const unusual = fc.oneof(
    json,
    fc.constantFrom(...MALFORMED),
    fc.nat(whole.length).map((end) => whole.slice(0, end)),
  );
  const absent = fc.constant(undefined);
  if (!body) return fc.oneof({ weight: 4, arbitrary: absent }, unusual);
  return fc.oneof(
    { weight: 6, arbitrary: withHostileFields(body.properties, example) },
    { weight: 4, arbitrary: withHostileValue(whole) },
    { weight: 2, arbitrary: unusual },
    { weight: 1, arbitrary: absent },
  );
}

/** The example, with some fields replaced, and at times one that nobody asked for; a field may then stand there twice. */
function withHostileFields(
  properties: Readonly<Record<string, JsonSchema>>,
  example: Readonly<Record<string, unknown>>,
): fc.Arbitrary<string> {
  const usual = Object.entries(example).map(([name, value]): [string, string] => [name, JSON.stringify(value)]);
  const known = Object.entries(properties).map(([name, schema]) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: typed(schema) }, { weight: 1, arbitrary: json })),
  );
  const unknown = fc.tuple(fc.constantFrom('id', 'version', 'user_id', '__proto__', 'constructor', 'x\u0000'), json);
  return fc.array(fc.oneof(...known, unknown), { maxLength: 3 }).map((replaced) => {
    const kept = usual.filter(([name]) => !replaced.some(([other]) => other === name));
    return objectOf([...kept, ...replaced]);
  });
}

/** The example, with one of the values in it, at any depth, replaced. */
function withHostileValue(whole: string): fc.Arbitrary<string> {
  const values = [...whole.matchAll(/"(?:[^"\\]|\\.)*"(?!:)|-?\d+(?:\.\d+)?|true|false|null/g)];
  if (values.length === 0) return json;
  return fc.tuple(fc.constantFrom(...values), json).map(([{ 0: value, index }, other]) => {
    return whole.slice(0, index) + other + whole.slice(index + value.length);
  });
}
