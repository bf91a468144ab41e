import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { planRun } from "../../src/cli/plan";
import { tuningFile } from "../../src/cli/tuning-file";
import { freshState } from "../../src/contracts";
import { attentionBy } from "../../src/ops/attention-variants";
import type { Kernels } from "../../src/ops/kernels";
import { allBy, type LinearKernels } from "../../src/ops/linear-variants";
import { writeSavedRun } from "../../src/storage/saved-run";

const folder = mkdtempSync(join(tmpdir(), "kelvin-kernels-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kernels: LinearKernels = { forward: "tiled128", few: "few", backwardX: "plain", backwardW: "tiled64" };

function record(linear: unknown, attention?: unknown): string {
  const run = mkdtempSync(join(folder, "run-"));
  const start = { type: "run.start", schema: 1, method: "azr", seed: 0, steps: 1, config: {}, model: {}, device: "" };
  writeFileSync(join(run, "events.jsonl"), `${JSON.stringify({ ...start, kernels: { linear, attention } })}\n`);
  return run;
}

async function planned(run: string): Promise<Kernels | null> {
  return (await planRun(["azr", "--kernels", run, "--out", join(folder, "fresh")])).kernels;
}

describe("kernels of a recorded run", () => {
  it("are taken from its first event, in the older form too", async () => {
    const attention = { forward: "subgroup", backward: "plain" };
    expect(await planned(record(kernels, attention))).toEqual({ linear: kernels, attention });
    // Before attention had siblings, all runs used the plain kernels.
    for (const nothing of [undefined, null])
      expect(await planned(record("subgroup8", nothing))).toEqual({
        linear: allBy("subgroup8"),
        attention: attentionBy("plain"),
      });
  });

  it.each([
    ["none", undefined, undefined],
    ["products of another version", { forward: "magic" }, undefined],
    ["attention of another version", "subgroup8", { forward: "magic", backward: "plain" }],
  ])("are refused where the record holds %s: another choice would repeat nothing", async (_, linear, attention) => {
    await expect(planned(record(linear, attention))).rejects.toThrow(
      /run-\w+ does not begin with kernels that are known/,
    );
  });

  it("are chosen anew where such a run goes on, and where none was named", async () => {
    const run = record({ forward: "magic" });
    const state = { ...freshState(), step: 1 };
    const config = { method: "azr", model: "kelvin-nano", seed: 0, steps: 2, overrides: {}, evaluateTasks: 0 };
    mkdirSync(join(run, "checkpoint"));
    const saved = { run: { ...config, evaluateEvery: 0 }, suites: [], state, events: 1 };
    writeFileSync(join(run, "checkpoint", "run.json"), writeSavedRun(saved));
    expect(await planRun(["azr", "--resume", run])).toMatchObject({ kernels: null, resumed: { folder: run } });
    expect((await planRun(["azr", "--out", join(folder, "fresh")])).kernels).toBeNull();
  });

  it("are refused in one line where there is no run", async () => {
    await expect(planned(join(folder, "nowhere"))).rejects.toThrow(/events\.jsonl/);
  });
});

describe("the file of measured choices", () => {
  it("keeps each under its key, and begins anew where it cannot be read", async () => {
    const path = join(folder, "deep", "kernels.json");
    const store = tuningFile(path);
    expect(await store.read("a")).toBeUndefined();
    await store.write("a", kernels);
    await store.write("b", allBy("plain"));
    expect([await store.read("a"), await store.read("b")]).toEqual([kernels, allBy("plain")]);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 20));
    expect(await store.read("a")).toBeUndefined();
    await store.write("c", kernels);
    expect(await store.read("c")).toEqual(kernels);
  });

  it("costs no more than a second look where nothing can be written", async () => {
    const file = join(folder, "a file");
    writeFileSync(file, "");
    const store = tuningFile(join(file, "kernels.json"));
    await store.write("a", kernels);
    expect(await store.read("a")).toBeUndefined();
  });
});
