/** Values that nobody should send. JSON is written out as text, so that it can be what no serializer writes. */

/** Texts, for a place where a text is wanted. */
export const TEXTS: readonly string[] = [
  ...['', ' ', 'abc', 'null', 'true', 'NaN', 'Infinity', '0', '-1', '1', '1.0', '1.5', '1e3', '1e400', '0x10', '١'],
  ...['9007199254740993', '99999999999999999999', '-9223372036854775809', '9'.repeat(400)],
  ...["' OR '1'='1", '1; DROP TABLE notes; --', '" OR ""="', '%', '_', '1) UNION SELECT secret_hash FROM users--'],
  ...['../../etc/passwd', '{{7*7}}', '<script>alert(1)</script>', '\r\nSet-Cookie: a=b', '__proto__', 'constructor'],
  ...['\u0000', 'a\u0000b', '\ud800', '\udfff\ud800', '\ufeff', '\u202e', '\uffff', '\u0085', 'e\u0301', '👩‍👩‍👧‍👦'],
  ...['x'.repeat(256), 'x'.repeat(513), 'x'.repeat(10_001), '👋'.repeat(256), '\u0000'.repeat(600), '('.repeat(1_001)],
  ...['2038-01-19T03:14:08Z', '0000-00-00', '9999-12-31T23:59:59Z', '2020-02-30', '+275760-09-13', '1e21', '-1e12'],
  ...['#ABCDEF', 'todo', 'done', 'urgent', 'failed', 'PENDING', 'https://example.org', '#/a', '(a+)+$'],
];

/** JSON in every shape but that of a text. */
export const JSONS: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '1.5', '1e400', '-1e400', '1e-400', '9007199254740993', '1e21'],
  ...['[]', '{}', '[null]', '[[]]', '[{}]', '[1,"a",null,{}]', '{"":""}', '{"a":1,"a":2}', '{"\\ud800":"\\udc00"}'],
  '{"__proto__":{"type":"object"}}',
  '{"constructor":{"prototype":{}}}',
  '{"toString":1,"hasOwnProperty":2}',
  '[{"type":"link","url":"x","__proto__":[]}]',
  '{"type":"object","properties":{}}',
  '{"type":"object","properties":{"a":{"$ref":"#/properties/a"}}}',
  '{"type":"object","properties":{},"patternProperties":{"(":{"type":"x"}}}',
];

/** JSON within JSON, about as deep as is allowed, and deeper than a stack is. */
export const NESTED: readonly string[] = [
  ...[2, 48, 49, 50, 96, 97, 98, 99, 100].map((levels) => '['.repeat(levels) + ']'.repeat(levels)),
  ...[2, 24, 25, 48, 49, 99, 100].map((levels) => `${'{"properties":'.repeat(levels)}{}${'}'.repeat(levels)}`),
  '['.repeat(200_000) + ']'.repeat(200_000),
];

/** JSON that is long, but not too long for a body. */
export const LONG: readonly string[] = [
  `[${'1,'.repeat(5_000)}1]`,
  `{${Array.from({ length: 3_000 }, (_, index) => `"k${index}":{}`).join()}}`,
  `"${'\\u0000'.repeat(20_000)}"`,
];

/** What only looks like JSON. */
export const MALFORMED: readonly string[] = [
  ...['{', '{"', '[1,]', "{'a':1}", '{"a":1}}', 'undefined', '\u0000', '\ufeff{}', '{"a":\u0001}', '01', '"\\x"', '{"a" 1}'],
];

/** Parts of a path or of a query, percent-encoded, or so that the encoding is wrong, or means something to whoever splits it. */
export const ENCODED: readonly string[] = [
  ...['', '0', '-1', '1.0', '1.5', '1e3', '1e400', '0x10', '9007199254740993', '9'.repeat(400), 'abc', 'null', 'true', 'NaN'],
  ...[
    '%20',
    '%00',
    '%EF%BB%BF',
    '%D9%A1',
    '%ED%A0%80',
    '%C0%AF',
    '%zz',
    '%',
    '%2',
    '%2e%2e%2f',
    '.',
    '..',
    ';',
    '1;a=b',
    '1?',
    '[]',
  ],
  ...["'%20OR%20'1'='1", '1;%20DROP%20TABLE%20notes;--', '2038-01-19T03:14:08Z', '2020-02-30', '%2B1', 'x'.repeat(1_100)],
];

/** Headers that the routes look at. */
export const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'if-match': ['*', '"1"', 'W/"1"', '"', '""', '1', '"1", "x"', '"1""2"', '"1e400"', '\u00e9', ',', `"${'9'.repeat(4_000)}"`],
  'friday-client-id': ['a', '', 'x'.repeat(64), 'x'.repeat(65), '\u00e9', '"; --', '\t', '{"a":1}'],
  'content-type': ['text/plain', 'application/x+json', 'application/json; charset=utf-16', 'a', '/', 'multipart/form-data'],
  accept: ['text/html', '*/*;q=0', ''],
};
