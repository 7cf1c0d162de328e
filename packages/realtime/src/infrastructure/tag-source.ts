import { randomBytes } from 'node:crypto';

const TAG_BYTES = 6;
const POOL_TAGS = 512;

/** Characters of a tag: 48 bits in base64url. */
export const TAG_CHARACTERS = 8;

/** Random tags; drawn from the system's source 512 at a time, for each draw costs a microsecond. */
export class TagSource {
  #pool = Buffer.alloc(0);
  #used = 0;

  next(): string {
    if (this.#used >= this.#pool.length) {
      this.#pool = randomBytes(TAG_BYTES * POOL_TAGS);
      this.#used = 0;
    }
    this.#used += TAG_BYTES;
    return this.#pool.toString('base64url', this.#used - TAG_BYTES, this.#used);
  }
}
