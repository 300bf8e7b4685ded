import { writeFileSync } from "node:fs";
import { reference } from "./routes/reference.ts";

/** Writes the reference of routes.yaml, docs/routes.md, from the schema. */
writeFileSync("docs/routes.md", reference());
