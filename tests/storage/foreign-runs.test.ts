import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KelvinError } from "../../src/contracts";
import { importRun } from "../../src/storage/import";
import { listRuns, listUnreadable, removeRun } from "../../src/storage/library";
import { findRun, readLog } from "../../src/storage/stored";
import { logText } from "../../src/telemetry/log";
import { LibraryClient } from "../../src/ui/library-client";
import { scriptedRun } from "../ui/scripted-run";
import { type Device, memoryDevice } from "./device";

const LOG = logText(scriptedRun({ seed: 2, steps: 2, proposals: 1, rollouts: 1 }));
const encode = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const RUN = {
  method: "azr",
  model: "kelvin-nano",
  seed: 2,
  steps: 5,
  overrides: {},
  evaluateTasks: 0,
  evaluateEvery: 0,
};
const STATE = { step: 2, prepared: true, elapsed: 1, memory: [] };
const saved = (run: object, state: object = STATE) =>
  encode(JSON.stringify({ schema: 1, run: { ...RUN, ...run }, suites: [], state, events: 2 }));
const folder = (files: object = {}) => ({
  "a/events.jsonl": encode(LOG),
  "a/checkpoint/run.json": saved({}),
  "a/checkpoint/model.safetensors": encode("weights".repeat(100)),
  "a/checkpoint/engine.bin": encode("engine"),
  "a/checkpoint/config.json": encode("{}"),
  "a/checkpoint/tokenizer.json": encode("{}"),
  ...files,
});
const zipped = (files: Record<string, Uint8Array>, level: 0 | 9 = 9) =>
  new File([zipSync(files, { level }) as Uint8Array<ArrayBuffer>], "run.zip");

/** Why a file is refused; nothing of it may be kept then. */
async function refusalOf(file: File): Promise<string> {
  const error = await importRun(file).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KelvinError);
  expect(device.files().size).toBe(0);
  return (error as KelvinError).message;
}

let device: Device;
beforeEach(() => {
  device = memoryDevice();
  vi.stubGlobal("navigator", { ...device.navigator });
});
afterEach(() => vi.unstubAllGlobals());

describe("a run of a stranger", () => {
  it.each([0, 9] as const)("comes in from a zip and is listed, packed at level %i", async (level) => {
    const { id } = await importRun(zipped(folder({ "a/pad.bin": new Uint8Array(1000) }), level));
    expect(await listRuns()).toMatchObject([{ id, status: "kept", checkpoint: 2, steps: 2, run: RUN }]);
    expect(await listUnreadable()).toEqual([]);
    const { about } = await findRun(id);
    const names = [...device.files().keys()].map((path) => path.split(`${id}/`)[1]).sort();
    const parts = ["config.json", "engine.bin", "model.safetensors", "run.json", "tokenizer.json"];
    expect(names).toEqual(["about.json", ...parts.map((name) => `${about.slot}/${name}`), "events.jsonl"]);
    expect(await (await readLog(id)).text()).toBe(LOG);
  });

  it.each([
    ["run.steps", saved({ steps: 2.5 })],
    ["run.seed", saved({ seed: "1" })],
    ["run.lora", saved({ lora: 5 })],
    ["run.lora.rank", saved({ lora: { rank: 0, alpha: 1, targets: ["q"] } })],
    ["run.overrides", saved({ overrides: { a: {} } })],
    ["run.chat", saved({ chat: "on" })],
    ["state.step", saved({}, { ...STATE, step: 1.5 })],
    ["state.memory.0", saved({}, { ...STATE, memory: [["a"]] })],
  ])("is refused by the field of its record: %s", async (field, record) => {
    const message = await refusalOf(zipped(folder({ "a/checkpoint/run.json": record })));
    expect(message).toMatch(new RegExp(`^checkpoint/run.json is damaged: “${field}[^”]*” is not `, "u"));
  });

  it("is refused where it is no zip, or none that is whole", async () => {
    expect(await refusalOf(zipped({ "other.txt": encode("x") }))).toBe("There is no events.jsonl in run.zip.");
    const whole = new Uint8Array(await zipped(folder()).arrayBuffer());
    expect(await refusalOf(new File([whole.slice(0, -30)], "run.zip"))).toBe("run.zip is not a whole zip file.");
    expect(await refusalOf(new File([whole.slice(0, 2)], "run.zip"))).toMatch(/line 1/u);
    const spoiled = whole.slice();
    spoiled.fill(0xff, 60, 200);
    expect(await refusalOf(new File([spoiled], "run.zip"))).toBe("run.zip is not a whole zip file.");
  });

  it("is refused before anything is unpacked where it says that it is a bomb", async () => {
    const bomb = zipped({ "events.jsonl": encode(LOG), "pad.bin": new Uint8Array(64 * 2 ** 20) });
    expect(bomb.size).toBeLessThan(100_000);
    expect(await refusalOf(bomb)).toMatch(/^run.zip unpacks to more than (16 MB|200 times its size)\.$/u);
  });

  it("is refused while it is unpacked where it says less than it holds", async () => {
    const bytes = new Uint8Array(
      await zipped({ "events.jsonl": encode(LOG + " ".repeat(64 * 2 ** 20)) }).arrayBuffer(),
    );
    const list = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.byteLength - 4; at++)
      if (list.getUint32(at, true) === 0x02014b50) list.setUint32(at + 24, LOG.length, true);
    expect(await refusalOf(new File([bytes], "run.zip"))).toBe("run.zip is not a whole zip file.");
  });

  it("that cannot be read is listed as such, and can be deleted", async () => {
    const { id } = await importRun(zipped(folder()));
    const runs = await (await navigator.storage.getDirectory()).getDirectoryHandle("runs");
    const broken = await runs.getDirectoryHandle("of-another-version", { create: true });
    const about = await (await broken.getFileHandle("about.json", { create: true })).createWritable();
    await about.write(JSON.stringify({ id: "of-another-version", name: 5 }));
    await about.close();
    await runs.getDirectoryHandle("begun", { create: true });
    expect(await listUnreadable()).toMatchObject([
      { id: "of-another-version", why: "its record is damaged: “name” is missing or wrong" },
      { id: "begun", why: "it was never finished: its record is missing" },
    ]);
    for (const one of await listUnreadable()) await removeRun(one.id);
    expect(await listUnreadable()).toEqual([]);
    expect(await listRuns()).toMatchObject([{ id }]);
  });
});

describe("the library", () => {
  /** Workers that answer at once, or never. */
  function workers(answers: (method: string) => boolean) {
    const made: { ended: boolean }[] = [];
    const create = () => {
      const worker = {
        ended: false,
        onmessage: (_: unknown) => {},
        terminate: () => {},
        postMessage: (_: unknown) => {},
      };
      worker.terminate = () => {
        worker.ended = true;
      };
      worker.postMessage = (sent: unknown) => {
        const { id, method } = sent as { id: number; method: string };
        if (answers(method)) queueMicrotask(() => worker.onmessage({ data: { id, value: [] } }));
      };
      made.push(worker);
      return worker as unknown as Worker;
    };
    return { made, client: new LibraryClient(create) };
  }

  it("lists while a file is read, and ends what reads it after a time", async () => {
    vi.useFakeTimers();
    const { made, client } = workers((method) => method === "list");
    const outcome = client.import(new File(["x"], "x")).catch((error: KelvinError) => error.message);
    expect(await client.list()).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_001);
    expect(await outcome).toBe("This took too long and was ended.");
    expect(made.map(({ ended }) => ended)).toEqual([true, false]);
    expect(await client.list()).toEqual([]);
    vi.useRealTimers();
  });
});
