const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** The first bytes of files as the apps that write them do, and a few more. */
export const PICTURES = {
  "image/jpeg": Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, ...ascii("JFIF"), 0, 1, 1, 0, 0, 1]),
  "image/png": Uint8Array.from([
    0x89,
    ...ascii("PNG\r\n"),
    0x1a,
    0x0a,
    0,
    0,
    0,
    13,
    ...ascii("IHDR"),
    0,
    0,
    0,
    1,
  ]),
  "image/gif": Uint8Array.from([...ascii("GIF89a"), 1, 0, 1, 0, 0x80, 0, 0]),
  "image/webp": Uint8Array.from([...ascii("RIFF"), 0x24, 0, 0, 0, ...ascii("WEBPVP8 "), 0x18, 0, 0, 0]),
} as const;
