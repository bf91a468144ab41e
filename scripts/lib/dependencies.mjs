import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, runOrFail } from "./process.mjs";

/** A package that only a finished install has; `npm ci` writes this file last. */
const installed = join(projectRoot, "node_modules", ".package-lock.json");

/** Installs the packages of package-lock.json when there are none; does nothing, and reads one path, when there are. */
export function ensureDependencies() {
  if (existsSync(installed)) return;
  console.error("set-up: installing packages (npm ci)");
  runOrFail("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci failed; npm says why above");
}
