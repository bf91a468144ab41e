import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandFolder, expectRefused } from "./run-command";

/** The commands of the contract; each refuses what it does not know in the same way. */
const commands = [
  "train",
  "evaluate",
  "verify",
  "golden",
  "pretrain",
  "adapters",
  "bench",
  "export",
  "record",
  "curve",
  "rank",
  "pairs",
];

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => folder.remove());

describe("the command line", () => {
  it("knows every command of the contract", () => {
    const listed = /commands: (.*)/.exec(folder.kelvin().stderr)?.[1]?.split(", ") ?? [];
    expect(listed).toEqual(expect.arrayContaining(commands));
  });

  it("refuses an unknown command, or none", () => {
    expectRefused(folder.kelvin("fly"), /"fly"/);
    expectRefused(folder.kelvin("constructor"), /"constructor"/);
    expectRefused(folder.kelvin("../cli/main"), /main/);
    expectRefused(folder.kelvin(), /no command/);
  });

  it.each(commands)("%s refuses an unknown option", (command) => {
    expectRefused(folder.kelvin(command, "--no-such-option"), /no-such-option/);
  });

  it.each(commands)("%s says how it is used when asked", (command) => {
    const outcome = folder.kelvin(command, "--help");
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).toContain(command);
  });

  it("prints results alone on stdout", () => {
    const outcome = folder.kelvin("adapters", "--json");
    expect(JSON.parse(outcome.stdout)).toBeTypeOf("object");
    expect(outcome.stdout.split("\n")).toHaveLength(2);
  });
});

describe("scripts", () => {
  it("hand arguments and exit status through", () => {
    expectRefused(folder.script("run.mjs", "fly"), /"fly"/);
  });

  it("npm test refuses a part it does not know", () => {
    expectRefused(folder.script("test.mjs", "gpus"), /"gpus"/);
  });

  it.each([
    [["--prt"], /--prt/],
    [["--port"], /--port/],
    [["--port", "many"], /many/],
    [["--port=70000"], /70000/],
  ])("npm start refuses %j", (args, names) => {
    expectRefused(folder.script("start.mjs", ...args), names);
  });
});
