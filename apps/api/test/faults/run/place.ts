/** Where the server is at the moment, for those who come back to it through its restarts. */
export class Place {
  #url: string | undefined;
  #ended = false;
  #arrived = Promise.withResolvers<void>();

  /** The server listens here now. */
  open(url: string): void {
    this.#url = url;
    this.#arrived.resolve();
  }

  /** The server is about to go. */
  shut(): void {
    if (this.#url === undefined) return;
    this.#url = undefined;
    this.#arrived = Promise.withResolvers();
  }

  /** It will never come back; nobody waits any longer. */
  end(): void {
    this.#ended = true;
    this.#arrived.resolve();
  }

  /** The server's address, as soon as it has one; undefined once it never will. */
  async url(): Promise<string | undefined> {
    while (this.#url === undefined && !this.#ended) await this.#arrived.promise;
    return this.#ended ? undefined : this.#url;
  }
}
