import type { Writer } from "../flow.ts";
import type { Context } from "./context.ts";

/** A delimiter, bracket or tag that may begin a style; `at` is where its content begins in the source. */
export interface Opener {
  readonly name: string;
  readonly piece: number;
  readonly at: number;
  /** Whether it stands where only a delimiter stands: what is still being written is then shown as if closed. */
  readonly sure: boolean;
}

/** What is open, innermost last. Each is opened and given up at most once, so that time is linear. */
export class Openers {
  readonly list: Opener[] = [];
  readonly #counts = new Map<string, number>();

  open(name: string, piece: number, at: number, sure = true): void {
    this.list.push({ name, piece, at, sure });
    this.#count(name, 1);
  }

  isOpen(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  /** Takes the last opener of this name, and gives up those after it: they stay as written. */
  take(name: string): Opener | undefined {
    let opener: Opener | undefined;
    while (this.isOpen(name) && opener?.name !== name) {
      opener = this.list.pop();
      if (opener) this.#count(opener.name, -1);
    }
    return opener;
  }

  #count(name: string, change: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + change);
  }
}

/** The text of one block that is being read. */
export interface Reading {
  readonly context: Context;
  readonly writer: Writer;
  readonly source: string;
  /** Whether it is still being written: what is open at its end is shown as if it were closed. */
  readonly growing: boolean;
  readonly openers: Openers;
  /** The piece of the last link's bracket: a link holds no other, so that no bracket before it begins one. */
  linked: number;
}
