import { expect } from "vitest";
import type { GroupPlace, Person } from "../../../tools/doubles/telegram-updates.ts";
import type { World } from "./world.ts";

/** Somebody says something in a group, and the gateway takes it. */
export async function sayInGroup(
  { telegram, gateway }: World,
  person: Person,
  place: GroupPlace,
  text: string,
): Promise<void> {
  const update = telegram.updates.group(person, place, text);
  expect(await telegram.deliver(gateway.url, update)).toMatchObject({ status: 200 });
}
