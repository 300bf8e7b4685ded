import type { Writer } from "../flow.ts";

/** How a platform writes what its messages have no style for. */
export interface Dialect {
  /** What an item of a list begins with, given its label ("" is a plain bullet) and the list's depth, from 1. */
  sign(label: string, depth: number): string;
  /** By how many spaces the lines below an item are indented, beyond the width of a bullet or number. */
  readonly indent: number;
  /** What stands before a heading; null where it is shown as bold text. */
  heading(level: number): string | null;
  /** A tab in code. */
  readonly tab: string;
}

/** What the blocks of one document share. */
export interface Context {
  readonly writer: Writer;
  readonly dialect: Dialect;
  /** Whether the document is still being written. */
  readonly growing: boolean;
  /** Addresses by label, in lower case. */
  readonly links: ReadonlyMap<string, string>;
  /** Labels of footnotes. */
  readonly notes: ReadonlySet<string>;
}
