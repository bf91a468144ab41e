import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/cli/run-folder";
import { advance, type Launch } from "../../src/cli/soak/broken-run";
import { differences, stepsIn } from "../../src/cli/soak/same-run";

const root = mkdtempSync(join(tmpdir(), "kelvin-kills-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const EXAMPLE = ["exampleRule=by-hand", "exampleProgram=def f(x):\n x=x+3\n x=x+7\n return x+8", "exampleInput=12"];
const SETTINGS = [...EXAMPLE, "groups=1", "samplesPerGroup=4"].flatMap((setting) => ["--set", setting]);
const launch: Launch = {
  program: process.env["KELVIN_CLI"] ?? "",
  words: ["one-shot", "--steps", "4", "--evaluate-tasks", "2", ...SETTINGS],
  always: ["--adapter", "cpu", "--workers", "1", "--checkpoint-every", "2"],
};

describe("a run that is killed and resumed", () => {
  it("ends with the bits of one that never was; `npm run soak -- kills` does it to every method", {
    timeout: 240_000,
  }, async () => {
    const [unbroken, broken] = [join(root, "unbroken"), join(root, "broken")];
    const atStep = async () => (await readCheckpoint(broken)).saved.state.step;
    expect(await advance(launch, unbroken, null)).toBe("done");
    // In the third step, or soon after it: at most two finished steps are lost.
    expect(await advance(launch, broken, (heard) => heard(/step 3\/4/))).toBe("killed");
    expect(await atStep()).toBe(2);
    expect(stepsIn(broken)).toBeGreaterThanOrEqual(2);
    // In the last evaluation, after its first suite.
    expect(await advance(launch, broken, (heard) => heard(/held-out in-distribution, step 4/))).toBe("killed");
    expect(await atStep()).toBe(4);
    expect(await advance(launch, broken, null)).toBe("done");
    expect(await differences(unbroken, broken)).toEqual([]);
    // It is looked at: one changed number is found.
    const log = join(broken, "events.jsonl");
    writeFileSync(log, readFileSync(log, "utf8").replace(/"policy\/loss":-?\d/, '"policy/loss":7'));
    expect(await differences(unbroken, broken)).toEqual([expect.stringMatching(/^event \d+ differs/)]);
  });
});
