import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { BLOCK_BYTES } from "../../src/download/blocks";
import { download } from "../../src/download/download";
import type { Appender, Shelf } from "../../src/download/shelf";
import { ModelServer, noise } from "./model-server";

/** A shelf in memory that may run full. */
class MemoryShelf implements Shelf {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  capacity = Number.POSITIVE_INFINITY;
  tells = true;

  async read(name: string): Promise<Blob | null> {
    const bytes = this.files.get(name);
    return bytes ? new Blob([bytes]) : null;
  }
  async append(name: string, keep: number): Promise<Appender> {
    const parts = [(this.files.get(name) ?? new Uint8Array(0)).subarray(0, keep)];
    const write = (bytes: Uint8Array<ArrayBuffer>): void => {
      const used = parts.reduce((sum, part) => sum + part.byteLength, 0);
      if (used + bytes.byteLength > this.capacity) throw new KelvinError("storage", "There is no room", "Free space.");
      parts.push(bytes.slice());
    };
    return { write, close: () => void this.files.set(name, new Uint8Array(Buffer.concat(parts))) };
  }
  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }
  async room(): Promise<number | null> {
    return this.tells ? this.capacity : null;
  }
}

const SIZE = 2 * BLOCK_BYTES + 1000;
const body = noise(SIZE);
const server = new ModelServer();
let shelf: MemoryShelf;
let told: [number, number][];

beforeEach(async () => {
  await server.open();
  server.files.set("m/model.safetensors", body);
  Object.assign(server, { etag: '"1"', breakAfter: Number.POSITIVE_INFINITY, ranges: true, compresses: false });
  server.asked.length = 0;
  shelf = new MemoryShelf();
  told = [];
});
afterEach(() => server.close());

const fetchFile = (name = "model.safetensors") =>
  download(new URL(`${server.address}m/${name}`), shelf, (loaded, total) => told.push([loaded, total]));
const refusal = async (): Promise<KelvinError> => {
  const failure = await fetchFile().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KelvinError);
  expect((failure as KelvinError).message).not.toContain("\n");
  return failure as KelvinError;
};
const whole = async (): Promise<void> => {
  const file = await fetchFile();
  expect(file?.size).toBe(SIZE);
  expect(Buffer.compare((await file?.read(0, SIZE)) ?? new Uint8Array(0), body)).toBe(0);
  expect(await file?.read(BLOCK_BYTES - 3, 7)).toEqual(body.slice(BLOCK_BYTES - 3, BLOCK_BYTES + 4));
};

describe("a small file", () => {
  it.each([false, true])(
    "that is larger than one may be is given up, and nothing of it is kept (compressed: %s)",
    async (compresses) => {
      // Most of it would come to little when it is compressed.
      server.files.set("m/config.json", new Uint8Array(3 * BLOCK_BYTES));
      server.compresses = compresses;
      const failure = download(new URL(`${server.address}m/config.json`), shelf, () => {}, 100_000);
      await expect(failure).rejects.toThrow(/config\.json has more than 0\.1 MB/);
      expect([...shelf.files.keys()]).toEqual([]);
    },
  );
});

describe("a download", () => {
  it("comes whole, counted by bytes, and is not fetched again", async () => {
    await whole();
    expect(told.at(-1)).toEqual([SIZE, SIZE]);
    expect(told.length).toBeGreaterThan(3);
    expect(told.every(([loaded], i) => loaded >= (told[i - 1]?.[0] ?? 0))).toBe(true);
    await whole();
    expect(server.asked).toEqual(["m/model.safetensors"]);
  });

  it("that breaks off says where, keeps what came, and goes on behind it", async () => {
    server.breakAfter = BLOCK_BYTES + 5000;
    const { reason, message, hint } = await refusal();
    expect([reason, message]).toEqual([
      "model",
      expect.stringMatching(/^the download of model.safetensors stopped at 4\.\d of 8\.4 MB$/),
    ]);
    expect(hint).toContain("go on");
    server.breakAfter = Number.POSITIVE_INFINITY;
    await whole();
    expect(server.asked).toEqual(["m/model.safetensors", `m/model.safetensors bytes=${BLOCK_BYTES}-`]);
  });

  it("breaks off again and again and still comes whole", async () => {
    server.breakAfter = BLOCK_BYTES + 1;
    await refusal();
    await refusal();
    await whole();
    expect(server.asked.length).toBe(3);
  });

  it.each([
    ["another version lies there now", () => Object.assign(server, { etag: '"2"' })],
    ["the server knows no ranges", () => Object.assign(server, { ranges: false })],
  ])("begins again where %s", async (_, change) => {
    server.breakAfter = BLOCK_BYTES + 5000;
    await refusal();
    server.breakAfter = Number.POSITIVE_INFINITY;
    change();
    await whole();
  });

  it("may be sent compressed, and break off then too", async () => {
    const text = new TextEncoder().encode("the same again, ".repeat(6e5));
    server.files.set("m/model.safetensors", text);
    server.compresses = true;
    server.breakAfter = 10_000;
    await refusal();
    server.breakAfter = Number.POSITIVE_INFINITY;
    const file = await fetchFile();
    expect(file?.size).toBe(text.byteLength);
    expect(await file?.read(5e6, 16)).toEqual(text.slice(5e6, 5e6 + 16));
  });

  it("begins again where the file has become shorter", async () => {
    server.breakAfter = 2 * BLOCK_BYTES + 10;
    await refusal();
    server.breakAfter = Number.POSITIVE_INFINITY;
    server.files.set("m/model.safetensors", body.subarray(0, 100));
    expect((await fetchFile())?.size).toBe(100);
  });

  it.each([
    ["before it begins", true],
    ["in the middle", false],
  ])("that does not fit says so %s and leaves nothing behind", async (_, tells) => {
    Object.assign(shelf, { capacity: BLOCK_BYTES + 10, tells });
    expect(await refusal()).toMatchObject({ reason: "storage", message: expect.stringContaining("no room") });
    expect([...shelf.files.keys()]).toEqual([]);
    shelf.capacity = Number.POSITIVE_INFINITY;
    await whole();
  });

  it("that was damaged on the device is refused when the damage is read, and fetched anew", async () => {
    await whole();
    const stored = shelf.files.get("model.safetensors");
    if (stored) stored[BLOCK_BYTES + 7] = (stored[BLOCK_BYTES + 7] ?? 0) ^ 1;
    const file = await fetchFile();
    expect(await file?.read(0, 100)).toEqual(body.slice(0, 100));
    await expect(file?.read(BLOCK_BYTES, 10)).rejects.toThrow(/is not what was downloaded/);
    await whole();
    expect(server.asked.length).toBe(2);
  });

  it("that was cut short on the device is fetched anew", async () => {
    await whole();
    shelf.files.set("model.safetensors", body.slice(0, 1000));
    expect(await refusal()).toMatchObject({ message: expect.stringContaining("is gone") });
    await whole();
  });

  it("of a file that is not there is none; other answers and no answer are said", async () => {
    expect(await fetchFile("tokenizer_config.json")).toBeNull();
    server.files.delete("m/model.safetensors");
    expect(await fetchFile()).toBeNull();
    await server.close();
    // Known to be absent, and the server cannot be asked: a model that was loaded before loads without a network.
    expect(await fetchFile("tokenizer_config.json")).toBeNull();
    shelf.files.clear();
    expect(await refusal()).toMatchObject({
      reason: "model",
      message: expect.stringContaining("could not be reached"),
    });
    await server.open();
  });
});
