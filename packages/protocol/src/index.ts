/** The wire of Friday's real-time protocol, version 1: shared by the server and every client. See SPEC.md. */
export { type ClientFrame, type ClientFrameFault, parseClientMessage } from './client-message.ts';
export { CLOSE_RANGES, ClosePolicy, type CloseRange, closePolicy, OTHER_CLOSE_POLICY } from './close-policy.ts';
export {
  type ErrorBody,
  errorBody,
  isProtocolErrorCode,
  PROTOCOL_ERROR_CODES,
  PROTOCOL_ERRORS,
  type ProtocolErrorCode,
  protocolError,
} from './errors.ts';
export { describeFaults, type FieldFault, faultSentence } from './faults.ts';
export { BEARER_SUBPROTOCOL_PREFIX, LIMITS, SUBPROTOCOL, WEBSOCKET_PATH } from './limits.ts';
export { KIND_PATTERN, NOTIFICATION_TYPE_PATTERN, type NotificationType, WebSocketMessageType } from './message-type.ts';
export {
  type AuthenticatedMessage,
  AuthenticatedSchema,
  type AuthenticateMessage,
  AuthenticateSchema,
  CLIENT_SCHEMAS,
  type ClientMessage,
  ClientMessageSchema,
  CONTROL_SCHEMAS,
  type ConnectedMessage,
  ConnectedSchema,
  type ControlMessage,
  type ErrorMessage,
  ErrorSchema,
  type HeartbeatMessage,
  HeartbeatSchema,
  type LiveMessage,
  LiveSchema,
  type Notification,
  type NotificationContent,
  NotificationSchema,
  type PingMessage,
  PingSchema,
  type PongMessage,
  PongSchema,
  RESUME_REFUSALS,
  type ReconnectMessage,
  ReconnectSchema,
  type Resource,
  ResourceSchema,
  type ResumeRefusal,
  type TokenExpiringMessage,
  TokenExpiringSchema,
  WebSocketMessageSchema,
} from './messages.ts';
export {
  advancePosition,
  CHANNEL_NAME_PATTERN,
  type Cursor,
  cursorChannel,
  formatCursor,
  formatPosition,
  parsePosition,
} from './position.ts';
export { checkNotificationContent, checkServerMessage, parseServerMessage, type ServerFrame } from './server-message.ts';
