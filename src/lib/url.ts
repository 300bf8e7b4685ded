/** A base address without the slashes at its end, so that a path can follow it. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** Whether a host is this machine: only there may a request go in clear. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
