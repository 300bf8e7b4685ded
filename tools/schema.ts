import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchema } from "./routes/schema.ts";

/** Writes the JSON Schema that editors check routes.yaml with. */
mkdirSync("schema", { recursive: true });
writeFileSync("schema/routes.schema.json", jsonSchema());
