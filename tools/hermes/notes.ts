/** What is to be told of an import beside the routes file. */
export class Notes {
  readonly #left = new Map<string, string>();
  readonly #secrets = new Set<string>();

  /** Something that was not carried over, and why. */
  left(what: string, why: string): void {
    this.#left.set(what, why);
  }

  /** A secret that the gateway needs. */
  secret(name: string): void {
    this.#secrets.add(name);
  }

  get secrets(): readonly string[] {
    return [...this.#secrets];
  }

  /** One line each: `WHAT: WHY`. */
  get lines(): readonly string[] {
    return [...this.#left].map(([what, why]) => `${what}: ${why}`);
  }
}
