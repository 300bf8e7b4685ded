import { type Element, ElementBuffer, type ElementLimits } from "./element-buffer.ts";

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What stands for a field that was cut. */
const NO_TEXT = new TextEncoder().encode('""');
const NOTHING = new TextEncoder().encode("null");
/** A text that may be the array's name is kept up to here. */
const MAX_NAME_BYTES = 64;

/**
 * Cuts the array that a JSON object holds under one name into its elements, while the object comes in: a text of
 * any length takes no more memory than one element may. Never throws; what is no JSON yields nothing.
 * @example
 * const array = new ArraySplitter("messages", { field_bytes: 1_024, element_bytes: 4_096 });
 * for await (const bytes of body) for (const { value } of array.push(bytes)) deal(value);
 */
export class ArraySplitter {
  readonly #name: string;
  readonly #element: ElementBuffer;
  #state: "searching" | "inside" | "done" = "searching";
  /** Open brackets: within the element, or around the place while the array is searched. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** The next backslash in the bytes at hand, as far as it was looked for: each of them is looked for once. */
  #backslash = -1;
  /** While searching: the last text directly in the object, and whether a colon came after it. */
  #lastText: number[] = [];
  #named = false;

  constructor(name: string, limits: ElementLimits) {
    this.#name = name;
    this.#element = new ElementBuffer(limits);
  }

  /** Whether the array was found. */
  get found(): boolean {
    return this.#state !== "searching";
  }

  /** Whether the array was read to its end. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Takes the next bytes; yields the elements that end in them. */
  *push(bytes: Uint8Array): Generator<Element> {
    let index = 0;
    this.#backslash = -1;
    while (index < bytes.length && !this.found) this.#search(bytes[index++] ?? 0);
    this.#element.use(bytes, index);
    while (index < bytes.length && this.#state === "inside") {
      if (this.#inText) {
        index = this.#textEnd(bytes, index);
        if (index === bytes.length) break;
        this.#inText = false;
        if (this.#element.endField(this.#depth, index + 1) && this.#depth === 0) {
          yield this.#element.end(index + 1);
        }
      } else {
        const ended = this.#step(bytes[index] ?? 0, index);
        if (ended !== null) yield ended;
      }
      index++;
    }
    this.#element.release();
  }

  /** One byte of the array that is outside a text; the element that it ends. */
  #step(byte: number, index: number): Element | null {
    const element = this.#element;
    if (byte === QUOTE) {
      element.begin(index);
      if (this.#depth <= 1) element.beginField(this.#depth, index, NO_TEXT);
      this.#inText = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      element.begin(index);
      if (this.#depth === 1 || (this.#depth === 0 && byte === OPEN_LIST)) {
        element.beginField(this.#depth, index, NOTHING);
      }
      this.#depth++;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (this.#depth === 0) {
        this.#state = "done";
        return element.open ? element.end(index) : null;
      }
      this.#depth--;
      element.endField(this.#depth, index + 1);
      if (this.#depth === 0) return element.end(index + 1);
    } else if (this.#depth === 0 && byte === COMMA) {
      // A number or a word ends only with what comes after it.
      if (element.open) return element.end(index);
    } else if (byte > SPACE) {
      element.begin(index);
    }
    return null;
  }

  /** Where the quote stands that ends the text; the length if it is still to come. */
  #textEnd(bytes: Uint8Array, start: number): number {
    let index = start;
    if (this.#escaped) index++;
    this.#escaped = false;
    let quote = -1;
    while (index <= bytes.length) {
      if (quote < index) quote = find(bytes, QUOTE, index);
      if (this.#backslash < index) this.#backslash = find(bytes, BACKSLASH, index);
      if (quote <= this.#backslash) return quote;
      index = this.#backslash + 2;
    }
    this.#escaped = true;
    return bytes.length;
  }

  /** Looks for the array: a list directly in the object, under the name. */
  #search(byte: number): void {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inText = false;
      if (this.#inText && this.#depth === 1 && this.#lastText.length <= MAX_NAME_BYTES) {
        this.#lastText.push(byte);
      }
    } else if (byte === QUOTE) {
      this.#inText = true;
      this.#named = false;
      this.#lastText = [];
    } else if (byte === COLON) {
      this.#named = this.#depth === 1 && String.fromCharCode(...this.#lastText) === this.#name;
    } else if (byte === OPEN_LIST && this.#named) {
      this.#state = "inside";
      this.#depth = 0;
    } else if (byte > SPACE) {
      this.#named = false;
      if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth++;
      if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth--;
    }
  }
}

/** Where this byte comes next; the length if it does not. Native, and many times as fast as a loop. */
function find(bytes: Uint8Array, byte: number, from: number): number {
  const index = bytes.indexOf(byte, from);
  return index < 0 ? bytes.length : index;
}
