/** Schemas that all resources share. Types, validation and OpenAPI come from the same objects. */
import Type, { type Static, type TInteger, type TObject, type TProperties, type TSchema, type TString } from 'typebox';
import type { Page, PageRequest } from '../domain/page.ts';
import { PROCESSING_STATUSES } from '../domain/processing-status.ts';
import type { GivenTime } from '../domain/time.ts';

/** One of several texts. */
export function Choice<const Value extends string>(
  values: readonly Value[],
  options: { description?: string; default?: Value } = {},
) {
  return Type.Unsafe<Value>({ type: 'string', enum: [...values], ...options });
}

/** The same, or null. */
export function Nullable<Schema extends TString | TInteger | TObject>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** One of several texts, or null. */
export function NullableChoice<const Value extends string>(values: readonly Value[], options: { description?: string } = {}) {
  return Type.Unsafe<Value | null>({ type: ['string', 'null'], enum: [...values, null], ...options });
}

/** Any JSON object; its content is the client's own. */
export const FreeObject = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', additionalProperties: true });

/** A {@link FreeObject}, or null. */
export const NullableFreeObject = Type.Unsafe<Readonly<Record<string, unknown>> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
});

/** A time that a client gives: ISO 8601 in its usual forms, or Unix seconds or milliseconds. Read as {@link GivenTime}. */
export const InputTime = Type.Unsafe<GivenTime>({ type: 'string', format: 'date-time' });

/** An {@link InputTime}, or null. */
export const NullableInputTime = Type.Unsafe<GivenTime | null>({ type: ['string', 'null'], format: 'date-time' });

/** A time in answers. */
export const OutputTime = Type.String({ format: 'date-time', description: 'ISO 8601, UTC, whole seconds.' });

/** How far background processing has come. */
export const ProcessingStatusSchema = Choice(PROCESSING_STATUSES, { description: 'How far background processing has come.' });

/** The number of a resource in a path, under the name that older clients know from faults. */
export function IdParams<const Name extends string>(name: Name) {
  const id: Record<string, TInteger> = { [name]: Type.Integer({ description: 'The number of the resource.' }) };
  return Type.Object(id as Record<Name, TInteger>);
}

/** Which page of a list. */
export const PageQuery = Type.Object({
  page: Type.Integer({ minimum: 1, default: 1, description: 'From 1.' }),
  size: Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'Items a page.' }),
});

const ClientId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "The client's own name for itself; notifications of this change carry it as `origin`.",
});

/** Headers of a request that creates. */
export const CreateHeaders = Type.Object({ 'friday-client-id': Type.Optional(ClientId) });

/** Headers of a request that changes or deletes. */
export const ChangeHeaders = Type.Object({
  'friday-client-id': Type.Optional(ClientId),
  'if-match': Type.Optional(
    Type.String({
      pattern: '^\\s*(\\*|(W/)?"[^"]*"(\\s*,\\s*(W/)?"[^"]*")*)\\s*$',
      description: 'ETags of the versions that may be changed, or `*`; 412 when the resource is at none of them.',
    }),
  ),
});

/** The answer's envelope. */
export function Envelope<Schema extends TSchema>(data: Schema) {
  return Type.Object({ data, message: Nullable(Type.String()), error: Type.Null() });
}

/** The answer to a deletion. */
export const MessageSchema = Type.Object({ message: Type.String() });

/** One page of a list, in an envelope. */
export function PageEnvelope<Properties extends TProperties>(item: TObject<Properties>) {
  return Envelope(
    Type.Object({
      items: Type.Array(item),
      total: Type.Integer(),
      page: Type.Integer(),
      size: Type.Integer(),
      pages: Type.Integer(),
    }),
  );
}

/** The answer to every fault. */
const ErrorSchema = Type.Object(
  {
    detail: Type.Unsafe<unknown>({
      description: 'The message; or an object with message and code; or, with 422, the list of all faults of the request.',
    }),
    data: Type.Null(),
    message: Type.String(),
    error: Type.Object({ code: Type.String(), message: Type.String() }),
  },
  { title: 'Error' },
);

/**
 * Answers by status, for a route: those that succeed, and faults that all look alike. The type names only the former: faults are
 * thrown, never returned.
 */
export function answers<Good extends Record<number, TSchema>>(good: Good, ...faults: number[]): Good {
  return { ...good, ...Object.fromEntries(faults.map((status) => [status, ErrorSchema])) };
}

/** Puts data into the envelope. */
export function envelope<Data>(data: Data, message: string | null = null) {
  return { data, message, error: null };
}

/** Puts a page into the envelope. @param name what the items are called in the message, in the plural. */
export function pageEnvelope<Item, Shown>(
  page: Page<Item>,
  { page: number, size }: PageRequest,
  name: string,
  show: (item: Item) => Shown,
) {
  const { items, total } = page;
  const data = { items: items.map(show), total, page: number, size, pages: Math.ceil(total / size) };
  return envelope(data, `Retrieved ${total} ${name}`);
}
