import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommandFolder } from "../setup/run-command";

const CASES = JSON.stringify([
  { id: "X1", kind: "proposal", program: "def f(x): return x+1", input: "1", expect: ["VALID"] },
]);

/** The command line away from its repository, so that no package is found but what the test puts beside it. */
let home: string;
let folder: CommandFolder;

beforeEach(() => {
  const main = process.env["KELVIN_CLI"] ?? "";
  home = mkdtempSync(join(tmpdir(), "kelvin-alone-"));
  cpSync(dirname(main), join(home, "bundle"), { recursive: true });
  vi.stubEnv("KELVIN_CLI", join(home, "bundle", basename(main)));
  folder = new CommandFolder();
  folder.write("cases.json", CASES);
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder.remove();
  rmSync(home, { recursive: true });
});

describe("verify without Python", () => {
  it("says that the package is missing", () => {
    const { status, stdout, stderr } = folder.kelvin("verify", "cases.json");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("kelvin: the pyodide package is missing; Run npm ci in the repository.\n");
  });

  it.each([
    ["is missing", [], /^kelvin: the pyodide package is missing; .*npm ci.*\n$/],
    ["is broken", ["pyodide.asm.wasm"], /^kelvin: Python did not start: .*npm ci.*\n$/],
  ])("says that a file of the package %s", (_, files, line) => {
    folder.write("package.json", "{}");
    folder.write("node_modules/pyodide/package.json", '{"name": "pyodide"}');
    for (const name of files) folder.write(`node_modules/pyodide/${name}`, "not what it says");
    const { status, stdout, stderr } = folder.kelvin("verify", "cases.json");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(line);
  });
});
