import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output, runQuietly } from "./process.mjs";

const sourceFolder = "etc/apt/sources.list.d";
const ourSources = "kelvin-backports";

/** @typedef {{ id: string, version: number, codename: string }} Distribution */

/**
 * @param {string} [root]
 * @returns {Distribution | null} the distribution from /etc/os-release; null if unknown
 */
export function distribution(root = "/") {
  const path = join(root, "etc/os-release");
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "utf8");
  /** @param {string} key */
  const field = (key) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  return { id: field("ID"), version: Number.parseFloat(field("VERSION_ID")), codename: field("VERSION_CODENAME") };
}

/** How to call apt-get as root: directly, through sudo on a CI machine, or not at all (null). */
export function aptGet() {
  if (process.platform !== "linux" || output("apt-get", ["--version"]) === null) return null;
  if (process.getuid?.() === 0) return ["apt-get"];
  return process.env.CI && output("sudo", ["-n", "true"]) !== null ? ["sudo", "-n", "apt-get"] : null;
}

/**
 * Installs packages with apt-get.
 * @param {readonly string[]} packages
 * @param {string | null} [suite] as in `apt-get -t`
 * @returns {boolean} whether it worked
 */
export function aptInstall(packages, suite = null) {
  const command = aptGet();
  if (!command) return false;
  const [program = "apt-get", ...prefix] = command;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const target = suite ? ["-t", suite] : [];
  console.error(`set-up: installing ${packages.join(" ")}${suite ? ` from ${suite}` : ""} (apt-get)`);
  // One stale or unreachable source must not block the others.
  runQuietly(program, [...prefix, "-qq", "update"], env);
  const install = [...prefix, "-qq", "install", "-y", "--no-install-recommends", ...target, ...packages];
  return runQuietly(program, install, env) === 0;
}

/**
 * Dawn refuses the Mesa of Debian 12; its backports suite has a newer one. If no source contains that suite, repeats the
 * machine's own entry for the release (same address, components and key) for the backports, in a file of its own.
 * @param {string} [root]
 * @returns {string | null} the suite to install from; null for the distribution's default
 */
export function backportsSuite(root = "/") {
  const machine = distribution(root);
  if (machine?.id !== "debian" || machine.version >= 13) return null;
  const suite = `${machine.codename}-backports`;
  const files = sourceFiles(root);
  if (files.some(({ text }) => text.split(/\s+/).includes(suite))) return suite;
  const entry = files.map((file) => repeatFor(file, machine.codename, suite)).find((found) => found !== null);
  if (!entry) return null;
  writeFileSync(join(root, sourceFolder, ourSources + entry.extension), entry.text);
  return suite;
}

/**
 * @param {string} root
 * @returns {{ path: string, text: string }[]} apt's sources without comments
 */
function sourceFiles(root) {
  const folder = join(root, sourceFolder);
  const listed = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [];
  return [...listed, join(root, "etc/apt/sources.list")]
    .filter((path) => existsSync(path) && /\.(sources|list)$/.test(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8").replace(/^\s*#.*\n?/gm, "") }));
}

/**
 * @param {{ path: string, text: string }} file
 * @param {string} release
 * @param {string} suite
 */
function repeatFor({ path, text }, release, suite) {
  return path.endsWith(".sources") ? repeatStanza(text, release, suite) : repeatLine(text, release, suite);
}

/**
 * The deb822 form: stanzas of `Key: value`.
 * @param {string} text
 * @param {string} release
 * @param {string} suite
 */
function repeatStanza(text, release, suite) {
  for (const stanza of text.split(/\n\s*\n/)) {
    const suites = /^Suites:(.*)$/m.exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const isBinary = /^Types:.*\bdeb\b(?!-)/m.test(stanza);
    const isEnabled = !/^Enabled:\s*no\b/im.test(stanza);
    if (!suites.includes(release) || !isBinary || !isEnabled) continue;
    const repeated = stanza
      .trim()
      .replace(/^Types:.*$/m, "Types: deb")
      .replace(/^Suites:.*$/m, `Suites: ${suite}`);
    return { extension: ".sources", text: `${repeated}\n` };
  }
  return null;
}

/**
 * The one-line form: `deb [options] address suite components`.
 * @param {string} text
 * @param {string} release
 * @param {string} suite
 */
function repeatLine(text, release, suite) {
  for (const line of text.split("\n")) {
    const parts = /^\s*(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(\s+.+)$/.exec(line);
    if (parts?.[2] === release) return { extension: ".list", text: `${parts[1]}${suite}${parts[3]}\n` };
  }
  return null;
}
