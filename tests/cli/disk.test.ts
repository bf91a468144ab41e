import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskFile, replaceFile, requirePlace, storing, writePieces, writeResult } from "../../src/cli/disk";
import { KelvinError } from "../../src/contracts";
import { readSafetensors, safetensorsParts, type Tensor, writeSafetensors } from "../../src/model/safetensors";
import { blobFile } from "../../src/model/source";
import { openTensors, readWhole } from "../../src/model/stored-weights";

let folder = "";
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-disk-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file larger than one read or write", () => {
  const pieces = [Uint8Array.of(1, 2, 3, 4, 5), new Uint8Array(0), Uint8Array.of(6, 7)];

  it.each([1, 2, 3, 5, 100])("is written and read %i bytes at a time", async (most) => {
    writePieces(at("file"), pieces, most);
    expect([...readFileSync(at("file"))]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const file = diskFile(at("file"), most)!;
    expect(file.size).toBe(7);
    expect([...(await file.read(2, 4))]).toEqual([3, 4, 5, 6]);
    await expect(file.read(5, 3)).rejects.toThrow(/ended while it was read/);
  });

  it("is a safetensors file whatever its pieces, and its tensors come back from as many reads", async () => {
    const data = Float32Array.from({ length: 11 }, (_, i) => i - 5.5);
    const tensors = new Map<string, Tensor>([
      ["a", { shape: [11], data }],
      ["view", { shape: [2, 2], data: data.subarray(3, 7) }],
      ["none", { shape: [0], data: new Float32Array(0) }],
    ]);
    const whole = writeSafetensors(tensors, { format: "pt" });
    expect(readSafetensors(whole).tensors).toEqual(tensors);
    for (const most of [4, 12, 16, 1000]) {
      const parts = safetensorsParts(tensors, { format: "pt" }, most);
      expect(Math.max(...parts.slice(1).map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(most);
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
      const stored = await openTensors(blobFile("file", new Blob([...parts])), "file");
      expect(await readWhole(stored.get("a")!, most / 4)).toEqual(data);
    }
  });
});

describe("what the system will not do", () => {
  it("is one line that names the place, and a mistake stays what it is", () => {
    expect(() => storing("the file", () => readFileSync(at("absent")))).toThrow(
      expect.objectContaining({ reason: "storage", message: "the file cannot be written" }),
    );
    const mistake = new TypeError("undefined is not a function");
    const broken = () => {
      throw mistake;
    };
    expect(() => storing("the file", broken)).toThrow(mistake);
  });

  it.runIf(existsSync("/dev/full"))("is said as what it is where there is no room", () => {
    expect(() => writeResult("/dev/full", "x")).toThrow(
      expect.objectContaining({ reason: "storage", message: "there is no room left to write /dev/full" }),
    );
    expect(() => storing("a", () => writePieces("/dev/full", [Uint8Array.of(1)]), "the way on")).toThrow(
      expect.objectContaining({ hint: "the way on" }),
    );
  });

  it("leaves what was there, and nothing beside it", () => {
    replaceFile(at("a"), "one");
    replaceFile(at("a"), "two");
    expect(readFileSync(at("a"), "utf8")).toBe("two");
    mkdirSync(at("taken/x"), { recursive: true });
    expect(() => replaceFile(at("taken"), "three")).toThrow();
    expect(readdirSync(folder).sort()).toEqual(["a", "taken"]);
  });
});

describe("the place of a result", () => {
  it("is refused before there is one", () => {
    writeFileSync(at("file"), "");
    expect(() => requirePlace(at("file/deep/result"))).toThrow(/file is not a folder/);
    expect(() => requirePlace(folder)).toThrow(/is a folder/);
    expect(() => requirePlace(folder)).toThrow(KelvinError);
    for (const fit of ["file", "new", "new/deep/result"]) expect(() => requirePlace(at(fit))).not.toThrow();
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("is made on the way", () => {
    writeResult(at("new/deep/result"), "x");
    expect(readFileSync(at("new/deep/result"), "utf8")).toBe("x");
  });
});
