/** Reads what clients send, rule P13: a message, a faulty message that is answered, or a frame that ends the connection. */
import { Compile } from 'typebox/compile';
import { PROTOCOL_ERRORS } from './errors.ts';
import { describeFaults, type FieldFault, faultSentence } from './faults.ts';
import { LIMITS } from './limits.ts';
import { CLIENT_SCHEMAS, type ClientMessage } from './messages.ts';

/** A frame that was not understood, in the terms of the table of errors. */
export interface ClientFrameFault {
  readonly ok: false;
  /** `invalid_message` leaves the connection open; `protocol_error` (the text is no JSON object) ends it. */
  readonly code: 'invalid_message' | 'protocol_error';
  /** What is wrong, for a person; holds nothing of what the client sent. */
  readonly message: string;
  /** The faulty fields; empty for `protocol_error`. */
  readonly details: readonly FieldFault[];
  /** The frame's `ref`, where it is itself valid. */
  readonly ref?: string;
}

/** What a text frame of a client turned out to be. */
export type ClientFrame = { readonly ok: true; readonly message: ClientMessage } | ClientFrameFault;

const AUTHENTICATE = Compile(CLIENT_SCHEMAS.authenticate);
const PING = Compile(CLIENT_SCHEMAS.ping);
const KNOWN_TYPES = Object.keys(CLIENT_SCHEMAS).join(', ');

/**
 * Reads the text of one client frame. Fields that the message does not have are ignored. Whether the frame is too large is for
 * the caller to say, before it is decoded.
 */
export function parseClientMessage(text: string): ClientFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return protocolFault('The frame is not JSON.');
  }
  if (!isObject(value)) return protocolFault('The frame is JSON, but not an object.');
  switch (value['type']) {
    case 'authenticate':
      return AUTHENTICATE.Check(value)
        ? { ok: true, message: value }
        : invalid(value, describeFaults(AUTHENTICATE.Errors(value)));
    case 'ping':
      return PING.Check(value) ? { ok: true, message: value } : invalid(value, describeFaults(PING.Errors(value)));
    default:
      return invalid(value, [{ field: '/type', message: 'type' in value ? `must be one of ${KNOWN_TYPES}` : 'is required' }]);
  }
}

function protocolFault(message: string): ClientFrameFault {
  return { ok: false, code: 'protocol_error', message, details: [] };
}

function invalid(value: Record<string, unknown>, details: readonly FieldFault[]): ClientFrameFault {
  const message = faultSentence(PROTOCOL_ERRORS.invalid_message.message.replace(/\.$/, ''), details);
  const ref = value['ref'];
  return { ok: false, code: 'invalid_message', message, details, ...(isRef(ref) && { ref }) };
}

/** Characters are code points, as everywhere in the protocol; the length is looked at first, so that counting stays cheap. */
function isRef(ref: unknown): ref is string {
  return typeof ref === 'string' && ref.length <= 2 * LIMITS.refCharacters && [...ref].length <= LIMITS.refCharacters;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
