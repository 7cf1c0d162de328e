/** Those who are gone and still in the list, from which it is cut. */
const MAX_GONE = 1_000;

/** First in, first out: taking costs the same however many wait, and who has been taken is let go of, though it may never be empty. */
export class Fifo<Item> {
  #items: Item[] = [];
  #front = 0;

  get size(): number {
    return this.#items.length - this.#front;
  }

  /** Items that are kept in memory: those who wait, and a thousand besides, or as many as wait. */
  get held(): number {
    return this.#items.length;
  }

  /** Who is next; undefined when nobody waits. */
  get first(): Item | undefined {
    return this.#items[this.#front];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes who is next. */
  shift(): Item | undefined {
    const item = this.first;
    if (this.size > 0) this.#front++;
    // A long list is cut rarely in proportion to its length, so that cutting costs little for each.
    if (this.size === 0 || (this.#front >= MAX_GONE && this.#front >= this.size)) {
      this.#items = this.#items.slice(this.#front);
      this.#front = 0;
    }
    return item;
  }
}
