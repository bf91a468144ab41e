import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** The commands of the contract; each refuses what it does not know in the same way. */
const commands = ["train", "evaluate", "verify", "golden", "pretrain", "adapters"];

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a Node program in an empty folder. */
function run(program: string, args: readonly string[]) {
  const result = spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8", timeout: 30_000 });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr, written: readdirSync(folder) };
}

function kelvin(...args: string[]) {
  return run(process.env["KELVIN_CLI"] ?? "", args);
}

function script(name: string, ...args: string[]) {
  return run(join(process.cwd(), "scripts", name), args);
}

/** Bad input: one line on stderr that names what is wrong, exit status 2, nothing printed, nothing written. */
function expectRefused(result: ReturnType<typeof run>, names: RegExp): void {
  expect(result).toMatchObject({ status: 2, stdout: "", written: [] });
  expect(result.stderr).toMatch(/^kelvin: [^\n]+\n$/);
  expect(result.stderr).toMatch(names);
}

describe("the command line", () => {
  it("knows every command of the contract", () => {
    const listed = /commands: (.*)/.exec(kelvin().stderr)?.[1]?.split(", ") ?? [];
    expect(listed).toEqual(expect.arrayContaining(commands));
  });

  it("refuses an unknown command, or none", () => {
    expectRefused(kelvin("fly"), /"fly"/);
    expectRefused(kelvin("constructor"), /"constructor"/);
    expectRefused(kelvin("../cli/main"), /main/);
    expectRefused(kelvin(), /no command/);
  });

  it.each(commands)("%s refuses an unknown option", (command) => {
    expectRefused(kelvin(command, "--no-such-option"), /no-such-option/);
  });

  it("prints results alone on stdout", () => {
    const result = kelvin("adapters", "--json");
    expect(JSON.parse(result.stdout)).toBeTypeOf("object");
    expect(result.stdout.split("\n")).toHaveLength(2);
  });
});

describe("scripts", () => {
  it("hand arguments and exit status through", () => {
    expectRefused(script("run.mjs", "fly"), /"fly"/);
  });

  it("npm test refuses a part it does not know", () => {
    expectRefused(script("test.mjs", "gpus"), /"gpus"/);
  });

  it.each([
    [["--prt"], /--prt/],
    [["--port"], /--port/],
    [["--port", "many"], /many/],
    [["--port=70000"], /70000/],
  ])("npm start refuses %j", (args, names) => {
    expectRefused(script("start.mjs", ...args), names);
  });
});
