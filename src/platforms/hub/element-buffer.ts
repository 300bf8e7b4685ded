import { parseJson } from "../../lib/json.ts";

/** One element of the array: its value, and whether something in it was too large to keep. */
export interface Element {
  /** Parsed; undefined where the element as a whole was too large, or is no JSON. */
  readonly value: unknown;
  /** True where a field was too large: a text became "", a list or an object null. */
  readonly cut: boolean;
}

export interface ElementLimits {
  /** Of one text, list or object directly in an element, as it is written (`\u0001` is six bytes). */
  readonly field_bytes: number;
  /** Of an element, after its fields were cut. */
  readonly element_bytes: number;
}

/** Keeps one element's bytes, as far as the limits allow. */
export class ElementBuffer {
  readonly #limits: ElementLimits;
  #kept: Uint8Array = new Uint8Array(4_096);
  #size = 0;
  /** The bytes at hand, and from where on they are not kept yet. */
  #bytes: Uint8Array = new Uint8Array();
  #from = 0;
  /** Where the field begins in `#kept`, or -1; how deep it stands, and what stands for it if it is too large. */
  #field = -1;
  #fieldDepth = 0;
  #instead: Uint8Array = new Uint8Array();
  /** The rest of the field is dropped. */
  #skipping = false;
  #cut = false;
  #overflow = false;
  #open = false;

  constructor(limits: ElementLimits) {
    this.#limits = limits;
  }

  /** Whether an element has begun. */
  get open(): boolean {
    return this.#open;
  }

  use(bytes: Uint8Array, from: number): void {
    this.#bytes = bytes;
    this.#from = from;
  }

  /** Keeps what the bytes at hand hold of the open element, and lets go of them. */
  release(): void {
    if (this.#open) this.#keep(this.#bytes.length);
    this.#bytes = new Uint8Array();
  }

  begin(index: number): void {
    if (this.#open) return;
    this.#open = true;
    this.#from = index;
  }

  beginField(depth: number, index: number, instead: Uint8Array): void {
    if (this.#field >= 0) return;
    this.#keep(index);
    this.#field = this.#size;
    this.#fieldDepth = depth;
    this.#instead = instead;
  }

  /** Ends the field if it stands at this depth; whether it did. */
  endField(depth: number, index: number): boolean {
    if (this.#field < 0 || this.#fieldDepth !== depth) return false;
    this.#keep(index);
    this.#field = -1;
    this.#skipping = false;
    return true;
  }

  end(index: number): Element {
    this.#keep(index);
    const value = this.#overflow ? undefined : parseJson(this.#kept.subarray(0, this.#size));
    const cut = this.#cut || this.#overflow;
    this.#size = 0;
    this.#field = -1;
    this.#skipping = false;
    this.#cut = false;
    this.#overflow = false;
    this.#open = false;
    return { value, cut };
  }

  /** Keeps the bytes up to this one, unless the field, or the whole element, is too large. */
  #keep(to: number): void {
    const part = this.#bytes.subarray(this.#from, to);
    this.#from = to;
    if (this.#skipping || this.#overflow) return;
    this.#append(part);
    if (this.#field >= 0 && this.#size - this.#field > this.#limits.field_bytes) {
      this.#size = this.#field;
      this.#append(this.#instead);
      this.#skipping = true;
      this.#cut = true;
    } else if (this.#field < 0 && this.#size > this.#limits.element_bytes) {
      this.#overflow = true;
      this.#size = 0;
    }
  }

  #append(part: Uint8Array): void {
    if (this.#size + part.length > this.#kept.length) {
      const larger = new Uint8Array(Math.max(this.#kept.length * 2, this.#size + part.length));
      larger.set(this.#kept.subarray(0, this.#size));
      this.#kept = larger;
    }
    this.#kept.set(part, this.#size);
    this.#size += part.length;
  }
}
