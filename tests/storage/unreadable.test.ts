import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KelvinError } from "../../src/contracts";
import { readText } from "../../src/storage/files";
import { importRun } from "../../src/storage/import";
import { openLog } from "../../src/telemetry/replay";
import { failureOf, refusalOf } from "../../src/workers/failure";
import { type Device, memoryDevice } from "./device";

const changed = () => new DOMException("the file changed", "NotReadableError");

/** A chosen file that was changed or deleted since: from `readable` bytes on, nothing of it can be read. */
class GoneFile extends File {
  constructor(
    content: BlobPart,
    private readonly readable = 0,
  ) {
    super([content], "run.jsonl");
  }
  override slice(start = 0, end = this.size): Blob {
    return end <= this.readable ? super.slice(start, end) : new GoneFile("");
  }
  override async arrayBuffer(): Promise<ArrayBuffer> {
    throw changed();
  }
  override async text(): Promise<string> {
    throw changed();
  }
  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({ pull: (controller) => controller.error(changed()) });
  }
}

const reasonOf = async (work: Promise<unknown>) => {
  const error = await work.then(() => null).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KelvinError);
  const { reason, message } = error as KelvinError;
  return `${reason}: ${message}`;
};

let device: Device;
beforeEach(() => {
  device = memoryDevice();
  vi.stubGlobal("navigator", device.navigator);
});
afterEach(() => vi.unstubAllGlobals());

describe("a chosen file that cannot be read any more", () => {
  it.each([
    ["from its first byte", 0],
    ["behind its first bytes", 2],
  ])("is refused as a log in the page's words, %s", async (_, readable) => {
    const words = "input: The log is damaged or incomplete, or cannot be read any more.";
    expect(await reasonOf(openLog(new GoneFile("{}\n", readable)))).toBe(words);
  });

  it.each([
    ["from its first byte", 0],
    ["behind its first bytes", 2],
  ])("is refused as a run's folder, and nothing of it is kept, %s", async (_, readable) => {
    const zip = zipSync({ "events.jsonl": new Uint8Array(8) }) as Uint8Array<ArrayBuffer>;
    expect(await reasonOf(importRun(new GoneFile(zip, readable)))).toBe("input: run.jsonl cannot be read any more.");
    expect(device.files().size).toBe(0);
  });
});

describe("a kept file that is replaced while it is read", () => {
  /** A folder whose files are read in this order. */
  const folderOf = (...files: File[]) =>
    ({ getFileHandle: async () => ({ getFile: async () => files.shift() }) }) as unknown as FileSystemDirectoryHandle;

  it("is read again, once", async () => {
    expect(await readText(folderOf(new GoneFile("old"), new File(["new"], "about.json")), "about.json")).toBe("new");
  });

  it("that cannot be read twice is the device's failure", async () => {
    const reading = readText(folderOf(new GoneFile("old"), new GoneFile("new")), "about.json");
    expect(await reasonOf(reading)).toBe("storage: A file of a kept run changed while it was read.");
  });
});

describe("a mistake of ours", () => {
  it("ends a run, and only refuses what was asked for beside it", () => {
    const error = new TypeError("x is undefined");
    expect(failureOf(error)).toMatchObject({ reason: "internal", message: "Training stopped: x is undefined" });
    const { reason, message, hint } = refusalOf(error);
    expect([reason, message]).toEqual(["internal", "This could not be done: x is undefined"]);
    expect(`${message} ${hint}`).not.toMatch(/training/iu);
  });

  it("is not what an environment's failure is called, in either place", () => {
    const error = new KelvinError("input", "no log", "Choose another.");
    const worded = { reason: "config", message: "no log", hint: "Choose another." };
    expect([failureOf(error), refusalOf(error)]).toEqual([{ type: "failure", ...worded }, worded]);
  });
});
