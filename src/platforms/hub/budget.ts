/** Counts the requests that an invocation may still make. */
export class Budget {
  #left: number;

  constructor(requests: number) {
    this.#left = requests;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes one; false when none is left. */
  spend(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }
}
