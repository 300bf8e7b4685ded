import { ask, type FloorEnv, readUpdate, send } from "./calls.ts";

/** The least a webhook handler can do: no storage, everything within the request. */
export default {
  async fetch(request, env) {
    const question = await readUpdate(request, env);
    if (question === null) return new Response(null, { status: 401 });
    await send(question.chat, await ask(question.text, env), env);
    return new Response();
  },
} satisfies ExportedHandler<FloorEnv>;
