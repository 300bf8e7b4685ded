import type { Variables } from "../../env.ts";
import { hubClient } from "./api.ts";
import { HubReader, type ReaderPorts } from "./reader.ts";

/** What reads the inbox of the agent that these variables name. */
export const readHub = (env: Variables, ports: Omit<ReaderPorts, "hub">): HubReader =>
  new HubReader({ ...ports, hub: hubClient(env) });
