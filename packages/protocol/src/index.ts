export * from './errors.ts';
export * from './limits.ts';
export * from './message-type.ts';
export * from './messages.ts';
export * from './position.ts';
