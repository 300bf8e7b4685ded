import { version } from "../../package.json";

/** This gateway's version. */
export const VERSION: string = version;
