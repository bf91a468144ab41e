import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../../src/cli/record";
import { logText } from "../../src/telemetry/log";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { scriptedRun } from "../ui/scripted-run";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-record-"));
  const run = scriptedRun({ seed: 4, steps: 3, proposals: 4, rollouts: 4 });
  writeFileSync(join(folder, "events.jsonl"), logText(run));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("record", () => {
  it("writes a packed log and the picture's data, the same each time", async () => {
    const files = ["a.jsonl.gz", "b.jsonl.gz"].map((name) => join(folder, "out", name)) as [string, string];
    for (const file of files)
      expect(await main([folder, "--out", file.replace(".jsonl.gz", ""), "--tasks", "1"])).toBe(0);
    const [first, second] = files.map((file) => readFileSync(file)) as [Buffer, Buffer];
    expect(first.equals(second)).toBe(true);
    const { header, history } = replayState(readRecording(gunzipSync(first).toString()));
    expect(history).toHaveLength(3);
    expect(header?.thinned?.of).toBeGreaterThan(header?.thinned?.kept ?? 0);
    const about = JSON.parse(readFileSync(join(folder, "out", "a.json"), "utf8"));
    expect(about).toMatchObject({
      log: { file: "a.jsonl.gz", bytes: first.byteLength },
      field: { method: "azr", steps: 3 },
    });
  });

  it.each([[[]], [["nowhere", "--out", "x"]], [["--tasks", "many", "--out", "x", "."]]])(
    "refuses %j as bad input",
    async (argv) => {
      await expect(main(argv)).rejects.toMatchObject({ name: "KelvinError", reason: "input" });
    },
  );
});
