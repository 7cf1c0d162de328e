/** Checks what servers send, for clients and tests. It takes what a later server may add: fields, types, codes and reasons. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { describeFaults, type FieldFault } from './faults.ts';
import {
  CONTROL_SCHEMAS,
  type ControlMessage,
  type Notification,
  NotificationSchema,
  WebSocketMessageSchema,
} from './messages.ts';
import { cursorChannel } from './position.ts';

/** What a frame of the server turned out to be. */
export type ServerFrame =
  | { readonly kind: 'control'; readonly message: ControlMessage }
  /** Also of a type that this version does not know: its `seq` counts all the same. */
  | { readonly kind: 'notification'; readonly message: Notification }
  /** A control type of a later version: to be ignored. */
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'invalid'; readonly details: readonly FieldFault[] };

/** Reads the text of one server frame, as {@link checkServerMessage}; what is no JSON is `invalid`. */
export function parseServerMessage(text: string): ServerFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'invalid', details: [{ field: '', message: 'must be JSON' }] };
  }
  return checkServerMessage(value);
}

/** Checks one server frame. A type that holds a dot is a notification, any other a control frame. */
export function checkServerMessage(value: unknown): ServerFrame {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') return { kind: 'invalid', details: [untyped(value)] };
  if (type.includes('.')) return checkNotification(value);
  if (!isControlType(type)) return { kind: 'unknown', type };
  const details = faultsOf(CONTROL_SCHEMAS[type], value);
  if (details.length > 0) return { kind: 'invalid', details };
  // The schema of this type has just been checked.
  const message = value as ControlMessage;
  if (message.type === 'connected' && message.resumed && message.reason !== undefined) {
    return { kind: 'invalid', details: [{ field: '/reason', message: 'must be absent where resumed is true' }] };
  }
  return { kind: 'control', message };
}

/**
 * Checks a notification as a service makes it, without its place in the log.
 * @returns the faulty fields, none when it is valid. The size of `data` is not looked at.
 */
export function checkNotificationContent(content: unknown): FieldFault[] {
  return faultsOf(WebSocketMessageSchema, content);
}

function checkNotification(value: unknown): ServerFrame {
  const details = faultsOf(NotificationSchema, value);
  if (details.length > 0) return { kind: 'invalid', details };
  // The schema has just been checked.
  const message = value as Notification;
  if (cursorChannel(message.cursor) === message.channel) return { kind: 'notification', message };
  return { kind: 'invalid', details: [{ field: '/cursor', message: 'must begin with the name of the channel and a dot' }] };
}

function untyped(value: unknown): FieldFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { field: '', message: 'must be an object' };
  return { field: '/type', message: 'type' in value ? 'must be a string' : 'is required' };
}

function isControlType(type: string): type is keyof typeof CONTROL_SCHEMAS {
  return Object.hasOwn(CONTROL_SCHEMAS, type);
}

const validators = new WeakMap<TSchema, ReturnType<typeof Compile>>();

/** Compiles a schema when it is first needed: a server needs none of these, a client few. */
function faultsOf(schema: TSchema, value: unknown): FieldFault[] {
  let validator = validators.get(schema);
  if (!validator) {
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  return validator.Check(value) ? [] : describeFaults(validator.Errors(value));
}
