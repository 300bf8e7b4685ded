/** What a file begins with, byte for character, and the media type that this says. */
const TYPES: readonly (readonly [beginning: RegExp, mime: string])[] = [
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^\x89PNG\r\n/, "image/png"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF.{4}WEBP/s, "image/webp"],
  [/^OggS/, "audio/ogg"],
  [/^(?:ID3|\xff[\xf2\xf3\xfa\xfb])/, "audio/mpeg"],
  [/^.{4}ftyp/s, "audio/mp4"],
  [/^RIFF.{4}WAVE/s, "audio/wav"],
  [/^fLaC/, "audio/flac"],
  [/^.E\xdf\xa3/s, "audio/webm"],
  [/^%PDF-/, "application/pdf"],
  // What newer Office files are in, and older ones.
  [/^PK[^ -~\s]/, "application/zip"],
  [/^\xd0\xcf.\xe0\xa1\xb1/s, "application/x-ole-storage"],
];

const latin1 = (bytes: Uint8Array, length: number): string =>
  String.fromCharCode(...bytes.subarray(0, length));

/** The media type of a file by its first bytes, whatever its sender calls it; null for one that is not known by them. */
export function fileType(bytes: Uint8Array): string | null {
  const head = latin1(bytes, 12);
  return TYPES.find(([beginning]) => beginning.test(head))?.[1] ?? null;
}

/** Whether a text has what stands in none: control characters other than line ends, tabs and a terminal's colours. */
function isBinary(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 && (code < 9 || code > 13) && code !== 27) return true;
  }
  return false;
}

/**
 * A file as text: UTF-8, UTF-16 with its mark, or else, where the sender says that it is text, the code page of
 * Windows that older programs write. Null for what is none.
 */
export function textOf(bytes: Uint8Array, declared: boolean): string | null {
  const mark = latin1(bytes, 2);
  const wide = mark === "\xff\xfe" ? "utf-16le" : mark === "\xfe\xff" ? "utf-16be" : null;
  const codes = wide ? [wide] : declared ? ["utf-8", "windows-1252"] : ["utf-8"];
  for (const code of codes) {
    const text = decoded(bytes, code);
    if (text !== null && !isBinary(text)) return text.replace(/\r\n?/g, "\n");
  }
  return null;
}

function decoded(bytes: Uint8Array, code: string): string | null {
  try {
    return new TextDecoder(code, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}
