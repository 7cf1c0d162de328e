/** Which part of a list is wanted. */
export interface PageRequest {
  /** From 1. */
  readonly page: number;
  /** Items a page, 1 to 100. */
  readonly size: number;
}

/** Part of a list, and the length of the whole. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

/** How many items stand before the page; never past the safe integers, so that any page number is a page, if an empty one. */
export function offsetOf({ page, size }: PageRequest): number {
  return Math.min((page - 1) * size, Number.MAX_SAFE_INTEGER);
}
