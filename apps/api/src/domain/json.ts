/** Whether two values have the same JSON form, whatever the order of their objects' keys. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const entries = Object.entries(a);
  const others = new Map(Object.entries(b));
  return entries.length === others.size && entries.every(([key, value]) => others.has(key) && isSameJson(value, others.get(key)));
}

/**
 * Why one value or name within JSON could not be kept as it was given.
 * @returns a phrase such as `is beyond the range of numbers`; undefined where it can be kept.
 */
export function unkeepable(value: unknown): string | undefined {
  // Such as 1e400: JSON would be written with null in its place.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is beyond the range of numbers';
  // PostgreSQL has no text that holds it.
  return typeof value === 'string' && value.includes('\0') ? 'cannot hold the character U+0000' : undefined;
}

/** What within JSON could not be kept, each with its place below `path`. */
export function* unkeepableParts(value: unknown, path: string): Generator<string> {
  const fault = unkeepable(value);
  if (fault) yield `${path} ${fault}`;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : memberPath(path, key);
    const keyFault = unkeepable(key);
    if (keyFault) yield `${place} ${keyFault}`;
    yield* unkeepableParts(item, place);
  }
}

const MOST_NAME_CHARACTERS = 40;

/** How faults name a member of an object: a name of the user's is cut to what can be sent back. */
export function memberPath(path: string, name: string): string {
  if (name.length > MOST_NAME_CHARACTERS) return `${path}[${JSON.stringify(name.slice(0, MOST_NAME_CHARACTERS))}…]`;
  if (!/^[\w$]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}
