/** How a stretch of text is shown. */
export type Style =
  | { readonly type: "bold" | "italic" | "strikethrough" | "code" | "blockquote" }
  | { readonly type: "pre"; readonly language?: string }
  | { readonly type: "text_link"; readonly url: string };

/** A style from piece number `from` up to, not including, `to`. */
export interface Mark {
  readonly style: Style;
  readonly from: number;
  readonly to: number;
}

/** A text being written. A delimiter is a piece of its own, emptied once its partner is found. */
export interface Draft {
  readonly pieces: string[];
  readonly marks: Mark[];
}
