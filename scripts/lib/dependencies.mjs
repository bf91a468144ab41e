import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, runOrFail, SetUpError } from "./process.mjs";

/** The oldest Node that Vite runs on, within the release line we promise. */
const oldestNode = [20, 19];

/** @typedef {Record<string, { version?: string, optional?: boolean, link?: boolean }>} Packages by path */

/** Installs the packages of package-lock.json if they are missing or of other versions. */
export function ensureDependencies() {
  requireNode(process.versions.node);
  if (isInstalled(join(projectRoot, "package-lock.json"), join(projectRoot, "node_modules", ".package-lock.json")))
    return;
  console.error("set-up: installing packages (npm ci)");
  runOrFail("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci failed; npm says why above");
}

/**
 * @param {string} version
 * @throws SetUpError if Node is too old
 */
export function requireNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetUpError(`Node ${oldestNode.join(".")} or newer is needed; this is ${version} (https://nodejs.org)`);
}

/**
 * Whether everything in the lock file is installed. Optional packages are for other platforms.
 * @param {string} lockFile
 * @param {string} installedFile npm's own list of what it installed into node_modules
 */
export function isInstalled(lockFile, installedFile) {
  if (!existsSync(installedFile)) return false;
  const installed = packagesOf(installedFile);
  const asked = Object.entries(packagesOf(lockFile)).filter(([path, one]) => path !== "" && !one.optional && !one.link);
  return asked.every(([path, { version }]) => installed[path]?.version === version);
}

/**
 * @param {string} file
 * @returns {Packages}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}
