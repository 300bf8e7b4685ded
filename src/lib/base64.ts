/** Bytes as base64. */
export function base64(bytes: Uint8Array): string {
  // In pieces: the arguments of one call are limited.
  let binary = "";
  for (let i = 0; i < bytes.length; i += 32_768) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 32_768));
  }
  return btoa(binary);
}
