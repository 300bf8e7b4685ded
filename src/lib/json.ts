const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A text, or bytes in UTF-8, as JSON; undefined where it is none (JSON itself has no undefined). Never throws. */
export function parseJson(source: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof source === "string" ? source : decoder.decode(source));
  } catch {
    return undefined;
  }
}
