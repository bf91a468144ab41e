/** The worker's program as text, made from the source itself, without a bundler or a second entry point. */
import { clockModule } from "./clock";
import { heapImageModule } from "./heap-image";
import { unpackImages } from "./image-file";
import { interpreterModule } from "./interpreter";
import { jobRunModule } from "./job-run";
import { poolModule } from "./pool";
import { workerModule } from "./worker";

/** A dynamic import that bundlers do not rewrite, and the helper that some compilers wrap around function names. */
const PRELUDE = `const importModule = (address) => im${""}port(address); const __name = (value) => value;`;

/**
 * Classic script text that runs `main(interpreters, workers, importModule, realm)`. `realm` is an expression for what exists only
 * where the script runs.
 */
export function workerSource(main: (...parts: never[]) => void, realm: string): string {
  return `"use strict";${PRELUDE}(${main})((${interpreterModule})((${clockModule})(), (${heapImageModule})(), (${jobRunModule})()), (${workerModule})(), importModule, ${realm});`;
}

/** Classic script text that runs `main(pools, unpackImages)`, for the jail's frame. */
export function frameSource(main: (...parts: never[]) => void): string {
  return `"use strict";const __name = (value) => value;(${main})((${poolModule})((${clockModule})()), ${unpackImages});`;
}
