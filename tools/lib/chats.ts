import { PLATFORM_FACTS } from "../../src/message/platforms.ts";

/** Platforms that somebody else runs, so that they have to be set up: all with secrets of their own. */
export const CHATS = Object.values(PLATFORM_FACTS).filter(({ secrets }) =>
  secrets.some((name) => name !== "ADMIN_TOKEN"),
);

/** Whether any secret of such a platform is there. */
export const hasChat = (isSet: (name: string) => boolean): boolean =>
  CHATS.some(({ secrets }) => secrets.some(isSet));
