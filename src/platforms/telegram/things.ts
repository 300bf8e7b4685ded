import { label } from "../../message/label.ts";
import type { Things } from "./schema.ts";

/** Places that a coordinate is given with: about a metre. */
const DIGITS = 5;

/**
 * A location, a venue, a contact or a sticker in words, which is what a model takes; null for a message without.
 * @example wordsFor({ sticker: { emoji: "👍" } }) // "[Sticker 👍]"
 */
export function wordsFor({ location, venue, contact, sticker }: Things): string | null {
  const place = location && `${location.latitude.toFixed(DIGITS)}, ${location.longitude.toFixed(DIGITS)}`;
  if (venue) {
    const where = place ? ` (${place})` : "";
    return `[Venue: ${label(venue.title)}, ${label(venue.address)}${where}]`;
  }
  if (place) return `[Location: ${place}]`;
  if (contact) {
    const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
    return `[Contact: ${label(name)}, ${label(contact.phone_number)}]`;
  }
  if (sticker) return sticker.emoji ? `[Sticker ${label(sticker.emoji)}]` : "[Sticker]";
  return null;
}
