/** A base address without the slashes at its end, so that a path can follow it. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, "");
