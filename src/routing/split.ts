import { hashOf } from "./match.ts";
import type { Share } from "./types.ts";

/** The share that a session falls to, by hash: the same every time, for as long as the weights stay. */
export function shareOf(split: readonly Share[], session: string): string | null {
  const total = split.reduce((sum, { weight }) => sum + weight, 0);
  let point = total === 0 ? 0 : hashOf([session]) % total;
  for (const { name, weight } of split) {
    if (point < weight) return name;
    point -= weight;
  }
  return null;
}
