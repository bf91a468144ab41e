import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { crc32c } from "../../src/export/crc32c";
import { curvesOf } from "../../src/export/curves";
import { writeCsv } from "../../src/export/curves-csv";
import { writeTensorboard } from "../../src/export/tensorboard";
import { readRecording } from "../../src/telemetry/replay";
import { CommandFolder, expectRefused } from "../setup/run-command";
import { scriptedRun } from "../ui/scripted-run";

const events = [...scriptedRun({ seed: 5, steps: 4, proposals: 5, rollouts: 4 })];

describe("curves of a run", () => {
  it("have a row per number of updates; what was evaluated before an update stands with those made", () => {
    const rows = curvesOf(events);
    const ends = events.flatMap((event) => (event.type === "step.end" ? [event] : []));
    const evaluated = events.flatMap((event) => (event.type === "evaluate.result" ? [event] : []));
    expect(rows.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
    expect(rows[2]?.values).toMatchObject(ends[1]?.metrics ?? {});
    for (const { suite, step, measures } of evaluated)
      for (const { name, value } of measures) expect(rows[step]?.values[`held-out/${suite}/${name}`]).toBe(value);
    expect(() => curvesOf([])).toThrow("no run.start");
  });

  it("of the shipped run are one CSV whose every line has as many fields as its header", () => {
    const log = readRecording(gunzipSync(readFileSync("public/runs/azr-kelvin-nano.jsonl.gz")).toString());
    const [header = "", ...lines] = writeCsv(log).trimEnd().split("\r\n");
    expect(header.startsWith("step,seconds,")).toBe(true);
    expect(header).toContain(",held-out/fresh-in-distribution/deduction/greedy");
    expect(lines).toHaveLength(61);
    expect(new Set(lines.map((line) => line.split(",").length))).toEqual(new Set([header.split(",").length]));
  });

  it("have names that no spreadsheet takes for a formula or for two fields", () => {
    const spoiled = events.map(
      (event): TrainEvent => (event.type === "step.end" ? { ...event, metrics: { '=1+1,"x"': 2 } } : event),
    );
    expect(writeCsv(spoiled).split("\r\n")[0]).toContain(`,"'=1+1,""x""",`);
  });

  it("are records that TensorBoard can check: lengths, sums, and values", () => {
    expect(crc32c([new TextEncoder().encode("12345"), new TextEncoder().encode("6789")])).toBe(0xe3069283);
    expect(crc32c([new Uint8Array(32)])).toBe(0x8a9136aa);
    const file = Buffer.concat(writeTensorboard(events));
    const read = recordsOf(file);
    expect(read[0]?.includes("brain.Event:2")).toBe(true);
    expect(read).toHaveLength(1 + curvesOf(events).length);
    const [name, value] = Object.entries(curvesOf(events)[1]?.values ?? {})[0] ?? ["", 0];
    const wanted = Buffer.concat([Buffer.from(name), Buffer.from([0x15]), floatBytes(value)]);
    expect(read[2]?.includes(wanted)).toBe(true);
  });
});

function floatBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

/** The records of a file, their sums checked. https://www.tensorflow.org/tutorials/load_data/tfrecord */
function recordsOf(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const unmasked = (at: number): number => {
    const rotated = (file.readUInt32LE(at) - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(crc32c([file.subarray(at, at + 8)])).toBe(unmasked(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(crc32c([data])).toBe(unmasked(at + 12 + length));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

describe("export --run", () => {
  let folder: CommandFolder;
  beforeEach(() => {
    folder = new CommandFolder();
  });
  afterEach(() => folder.remove());

  it("writes one file, and replaces none unasked", () => {
    folder.write("run/events.jsonl", events.map((event) => JSON.stringify(event)).join("\n"));
    const exported = (...more: string[]) => folder.kelvin("export", "--run", "run", ...more);
    const toRun = ["--format", "tensorboard", "--out", "run"];
    expect(exported(...toRun)).toMatchObject({ status: 0, stderr: "" });
    expect(recordsOf(readFileSync(join(folder.path, "run/events.out.tfevents")))).toHaveLength(6);
    const files = folder.files();
    expectRefused(exported(...toRun), /exists/, files);
    expectRefused(exported(...toRun, "--force", "--model", "x"), /--model beside --run/, files);
    expectRefused(exported("--format", "onnx", "--out", "a"), /--format onnx/, files);
    expectRefused(exported("--format", "tensorboard", "--out", "a"), /tfevents/, files);
    expect(exported("--format", "csv", "--out", "a.csv").status).toBe(0);
    expect(readFileSync(join(folder.path, "a.csv"), "utf8")).toBe(writeCsv(events));
  });
});
