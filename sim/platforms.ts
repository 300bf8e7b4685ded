import { platformsFor } from "../tools/routes/platforms.ts";
import routes from "./routes.ts";

/** The platforms of a Worker with the simulation's routes. */
export const PLATFORMS = platformsFor(routes);
