/** The server's own description of its routes, as a test reads it. */
import { Compile } from 'typebox/compile';

/** As far as a test looks into it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** What a request may carry beside its body. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: JsonSchema;
}

/** One method of one path. */
export interface Operation {
  readonly method: string;
  /** With `{name}` for each parameter. */
  readonly path: string;
  /** Whether it needs no token. */
  readonly open: boolean;
  readonly parameters: readonly Parameter[];
  /** The body's properties, and a valid example where the description has one; undefined where there is no body. */
  readonly body:
    | { readonly properties: Readonly<Record<string, JsonSchema>>; readonly example: JsonObject | undefined }
    | undefined;
  /** By status, for each declared answer: what in a body contradicts the declaration. */
  readonly faultsOf: ReadonlyMap<number, (body: unknown) => readonly unknown[]>;
}

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema: JsonSchema; readonly example?: JsonObject } };
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, Content>>;
}

/** All operations that an OpenAPI document describes, in its order. @throws Error where an answer has no schema. */
export function readOperations(document: string): Operation[] {
  const { paths } = JSON.parse(document) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      method: method.toUpperCase(),
      path,
      open: described.security?.length === 0,
      parameters: described.parameters ?? [],
      body: bodyOf(described),
      faultsOf: new Map(Object.entries(described.responses).map(([status, answer]) => [Number(status), checker(answer)])),
    })),
  );
}

/**
 * The operation that a request reaches, which need not be the one whose path it was made from: an id may be no text at all, or dots.
 * @returns undefined where there is none.
 */
export function operationAt(operations: readonly Operation[], method: string, url: string): Operation | undefined {
  const path = new URL(url).pathname.replace(/\/$/, '');
  const fitting = operations.filter((operation) => operation.method === method && fits(operation.path, path));
  return fitting.toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

function fits(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]*')}$`).test(path);
}

function bodyOf({ requestBody }: Described): Operation['body'] {
  const content = requestBody?.content?.['application/json'];
  return content && { properties: content.schema.properties ?? {}, example: content.example };
}

function checker({ content }: Content): (body: unknown) => readonly unknown[] {
  const schema = content?.['application/json']?.schema;
  if (!schema) throw new Error('An answer is declared without a schema.');
  const compiled = Compile(schema);
  return (body) => (compiled.Check(body) ? [] : compiled.Errors(body));
}
