import { expect, test } from "vitest";
import type { Attachment } from "../../src/message/files.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { routeMessage } from "../../src/routing/route.ts";
import { routes } from "./setup.ts";

const compiled = routes(`
model:
  default: reader
  provider: echo
  routes:
    - match: { platform: telegram, modality: image }
      model: seer
    - match: { modality: [voice, document] }
      model: listener
`);
const message = (platform: "telegram" | "discord", kinds: Attachment["kind"][]): InboundMessage => ({
  delivery_id: "1",
  source: { platform, chat_type: "dm", chat_id: "5", user_id: "5" },
  text: "What is this?",
  attachments: kinds.map((kind, index) => ({ kind, ref: String(index) })),
  address: {},
  received_at: 0,
});

test.each<[string, InboundMessage, string]>([
  ["text", message("telegram", []), "reader"],
  ["a picture", message("telegram", ["image"]), "seer"],
  ["a picture on another platform", message("discord", ["image"]), "reader"],
  ["a voice message", message("discord", ["voice"]), "listener"],
  ["a file with a picture behind it", message("telegram", ["document", "image"]), "listener"],
])("%s takes its route", (_, sent, model) => {
  expect(routeMessage(sent, null, compiled, {}).bundle.model).toBe(model);
});
