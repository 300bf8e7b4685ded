import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { fillPlaces } from "../../src/lib/template.ts";
import type { Place } from "./findings.ts";

export type Path = readonly (string | number)[];

/** Why the file is not sound YAML. */
export interface Problem extends Place {
  readonly message: string;
}

/** A YAML file as plain data, which still knows where each part of it stands. */
export interface YamlDocument {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at this path stands, or its key; for a path that is not there, its nearest parent. */
  at(path: Path, part?: "key" | "value"): Place;
}

/** Nodes that are reached through aliases; those that unfold to more are a mistake or an attack. */
const MAX_ALIASED_NODES = 100_000;

/**
 * `${NAME}` is not YAML inside `{…}`, but is what people write there. While YAML is parsed, its braces are
 * characters of private use: as long as braces, so that places stay right.
 */
const shield = (text: string): string => fillPlaces(text, (name) => `$\ue000${name}\ue001`);
const unshield = (text: string): string => text.replace(/\$\ue000(\w+)\ue001/g, "${$1}");

/**
 * Parses YAML 1.2 with merge keys. Numbers at paths for which `isText` holds keep the text they are written
 * with: a Discord id is more than a double can hold. Duplicate keys are errors.
 */
export function parseYaml(text: string, isText: (path: Path) => boolean): YamlDocument {
  const lines = new LineCounter();
  const source = shield(text.replace(/^\uFEFF/, ""));
  const document = parseDocument(source, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  // A warning is a tag that nobody here resolves: the value would not be what it looks like.
  const faults = [...document.errors, ...document.warnings];
  const problems = faults
    // Behind the first fault the parser often finds no way back, and stumbles over everything that follows.
    .filter(({ code }, index) => index === 0 || code !== "UNEXPECTED_TOKEN")
    .map(({ code, message, pos }) => {
      const deeper = DEEPER.includes(code) ? deeperLine(source, pos[0]) : null;
      if (deeper !== null) return { ...place(deeper), message: "this line is indented too far" };
      const at = code === "BAD_INDENT" ? pos[0] + blankBefore(source.slice(pos[0])) : pos[0];
      return { ...place(at), message: describe(code, message, source.slice(at)) };
    })
    // The parser says twice what is wrong with a line that is indented too far.
    .filter(({ line, message }, index, all) =>
      all.slice(0, index).every((other) => other.line !== line || other.message !== message),
    );
  const reader = new Reader(document, isText, (node, message) => {
    problems.push({ ...place(node.range?.[0] ?? 0), message });
  });
  return {
    value: document.errors.length > 0 ? undefined : reader.read(document.contents, []),
    problems,
    at: (path, part = "value") => place(reader.find(path, part)?.range?.[0] ?? 0),
  };
}

/** What the parser says at a value where the next line is indented as if it belonged to it. */
const DEEPER = ["BLOCK_AS_IMPLICIT_KEY", "MULTILINE_IMPLICIT_KEY"];

/** Length of the empty lines and comments at the start: the line that is meant stands behind them. */
const blankBefore = (text: string): number => /^(?:[ \t]*(?:#.*)?\r?\n)*/.exec(text)?.[0].length ?? 0;

/** Where the first line behind this place begins, if it is indented further than the place's own line. */
function deeperLine(source: string, offset: number): number | null {
  const own = source.lastIndexOf("\n", offset - 1) + 1;
  const indentAt = (start: number) => /^ */.exec(source.slice(start))?.[0].length ?? 0;
  const next = /\n(?:[ \t]*(?:#.*)?\r?\n)*/.exec(source.slice(offset));
  if (next === null) return null;
  const start = offset + next.index + next[0].length;
  const indent = indentAt(start);
  return indent > indentAt(own) ? start + indent : null;
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #isText: (path: Path) => boolean;
  readonly #report: (node: Node, message: string) => void;
  /** The anchors being read, to notice one that holds itself. */
  readonly #open = new Set<Node>();
  /** What each map came to; empty while it is being worked out. */
  readonly #known = new Map<Node, readonly Pair<Node, Node | null>[]>();
  #aliased = 0;

  constructor(
    document: Document.Parsed,
    isText: (path: Path) => boolean,
    report: (node: Node, message: string) => void,
  ) {
    this.#document = document;
    this.#isText = isText;
    this.#report = report;
  }

  read(node: Node | null, path: Path, viaAlias = false): unknown {
    if (node === null) return null;
    if (viaAlias && ++this.#aliased >= MAX_ALIASED_NODES) {
      if (this.#aliased === MAX_ALIASED_NODES)
        this.#report(node, "the aliases of this file unfold to too much");
      return null;
    }
    if (isAlias(node)) {
      const target = this.#target(node);
      if (target === null) this.#report(node, `there is no anchor &${node.source} before this alias`);
      else if (this.#open.has(target)) this.#report(node, `&${node.source} holds itself`);
      else return this.read(target, path, true);
      return null;
    }
    this.#open.add(node);
    const value = this.#content(node, path, viaAlias);
    this.#open.delete(node);
    return value;
  }

  #content(node: Node, path: Path, viaAlias: boolean): unknown {
    if (isSeq<Node | null>(node)) {
      return node.items.map((item, index) => this.read(item, [...path, index], viaAlias));
    }
    if (isMap<Node, Node | null>(node)) return this.#map(node, path, viaAlias);
    return isScalar(node) ? this.#scalar(node, path) : null;
  }

  #map(node: YAMLMap<Node, Node | null>, path: Path, viaAlias: boolean): unknown {
    const result: Record<string, unknown> = {};
    for (const pair of this.#pairs(node)) {
      const name = keyOf(pair);
      if (name === null) this.#report(pair.key, "a key must be a plain word");
      else if (name === "__proto__") this.#report(pair.key, "`__proto__` cannot be a key");
      else if (!Object.hasOwn(result, name)) result[name] = this.read(pair.value, [...path, name], viaAlias);
    }
    return result;
  }

  #scalar(node: Scalar, path: Path): unknown {
    const { value, source } = node;
    if (typeof value === "string") return unshield(value);
    return typeof value === "number" && source !== undefined && this.#isText(path) ? source : value;
  }

  /**
   * A map's own pairs, and behind them those that `<<` merges into it, each name once: worked out once for each map,
   * so that maps which merge maps that merge maps come to no more than the file holds.
   */
  #pairs(node: YAMLMap<Node, Node | null>): readonly Pair<Node, Node | null>[] {
    const known = this.#known.get(node);
    if (known) return known;
    this.#known.set(node, []);
    const pairs = node.items.filter((pair) => !isMerge(pair));
    const names = new Set(pairs.map(keyOf));
    for (const { key, value } of node.items.filter(isMerge)) {
      const target = value === null ? null : this.#deref(value);
      for (const map of isSeq<Node>(target) ? target.items.map((item) => this.#deref(item)) : [target]) {
        if (!isMap<Node, Node | null>(map) || this.#open.has(map)) {
          this.#report(value ?? key, "`<<` merges a map, an alias of one, or a list of these");
          continue;
        }
        for (const pair of this.#pairs(map)) {
          const name = keyOf(pair);
          if (!names.has(name)) pairs.push(pair);
          names.add(name);
        }
      }
    }
    this.#known.set(node, pairs);
    return pairs;
  }

  #deref(node: Node): Node | null {
    return isAlias(node) ? this.#target(node) : node;
  }

  #target(node: Node): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  /** The node at a path, or the deepest one on the way to it. */
  find(path: Path, part: "key" | "value"): Node | null {
    let node: Node | null = this.#document.contents;
    for (const [depth, step] of path.entries()) {
      const parent: Node | null = node === null ? null : this.#deref(node);
      if (isSeq<Node | null>(parent)) {
        node = parent.items[Number(step)] ?? parent;
        continue;
      }
      if (!isMap<Node, Node | null>(parent)) return parent;
      const pair = this.#pairs(parent).find((candidate) => keyOf(candidate) === String(step));
      if (pair === undefined) return parent;
      const last = depth === path.length - 1;
      node = (last && part === "key") || pair.value === null ? pair.key : pair.value;
    }
    return node;
  }
}

/** A parser's message, without the piece of the file that some quote: it may be a credential. */
function describe(code: string, message: string, rest: string): string {
  if (code === "MULTIPLE_DOCS") return "the file holds more than one YAML document";
  if (code === "DUPLICATE_KEY") return `duplicate key ${/^[^\s:]*/.exec(rest)?.[0]}`;
  return unshield(message.replace(/: ".*$/s, ""));
}

function isMerge(pair: Pair<Node, Node | null>): boolean {
  return isScalar(pair.key) && typeof pair.key.value === "symbol";
}

/** A key as it is written, so that `007` stays `007`. */
function keyOf({ key }: Pair<Node, Node | null>): string | null {
  if (!isScalar(key)) return null;
  return typeof key.value === "string" ? unshield(key.value) : (key.source ?? String(key.value));
}
