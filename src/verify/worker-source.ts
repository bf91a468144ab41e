/** The worker's program as text: no bundler, flag or second entry stands between this source and the jail. */
import { interpreterModule } from "./interpreter";
import { poolModule } from "./pool";
import { workerModule } from "./worker";

/** A dynamic import that bundlers leave alone, and what some compilers wrap around function names. */
const PRELUDE = `const importModule = (address) => im${""}port(address); const __name = (value) => value;`;

/**
 * Classic script text that runs `main(interpreters, workers, importModule, realm)`. `realm` is an expression for what
 * only exists where the script runs.
 */
export function workerSource(main: (...parts: never[]) => void, realm: string): string {
  return `"use strict";${PRELUDE}(${main})((${interpreterModule})(), (${workerModule})(), importModule, ${realm});`;
}

/** Classic script text that runs `main(pools)`: the jail's frame. */
export function frameSource(main: (...parts: never[]) => void): string {
  return `"use strict";const __name = (value) => value;(${main})((${poolModule})());`;
}
