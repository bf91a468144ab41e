import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withoutDawnNotices } from "../../scripts/lib/process.mjs";
import { parseConfig } from "../../src/model/config";
import { parameterLayout } from "../../src/model/parameters";
import { writeSafetensors } from "../../src/model/safetensors";
import { ModelServer } from "../download/model-server";
import { uniform } from "../reference/numbers";
import { CommandFolder } from "../setup/run-command";

/** Small, but for its weights, which take three blocks of a download. */
const CONFIG = {
  model_type: "llama",
  vocab_size: 61,
  hidden_size: 64,
  intermediate_size: 11_000,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  eos_token_id: 60,
};
const weights = writeSafetensors(randomTensors(), { format: "pt" });
const tokenizer = readFileSync("public/models/kelvin-nano/tokenizer.json");

const server = new ModelServer();
let folder: CommandFolder;
beforeEach(async () => {
  folder = new CommandFolder();
  await server.open();
  server.files.clear();
  server.files.set("a/tiny/config.json", new TextEncoder().encode(JSON.stringify(CONFIG)));
  server.files.set("a/tiny/tokenizer.json", tokenizer);
  server.files.set("a/tiny/model.safetensors", weights);
  Object.assign(server, { etag: '"1"', breakAfter: Number.POSITIVE_INFINITY });
  server.asked.length = 0;
});
afterEach(async () => {
  await server.close();
  folder.remove();
});

describe("a model at an address", () => {
  it("is fetched once, with its bytes counted, and kept: the second command needs no server for it", async () => {
    const first = await exported("first.safetensors");
    expect(first).toMatchObject({ status: 0 });
    expect(first.stderr).toMatch(/model\.safetensors: \d+\.\d of 8\.\d MB\n/);
    expect(Buffer.compare(readFileSync(join(folder.path, "first.safetensors")), weights)).toBe(0);
    const [kept = ""] = readdirSync(join(folder.path, "cache/models"));
    expect(kept).toMatch(/^tiny-[0-9a-f]{12}$/);
    await server.close();
    const second = await exported("second.safetensors");
    expect(second).toMatchObject({ status: 0, stderr: "" });
    expect(Buffer.compare(readFileSync(join(folder.path, "second.safetensors")), weights)).toBe(0);
    await server.open();
  });

  it("goes on where a download stopped, which one line says", async () => {
    server.breakAfter = 5_000_000;
    const stopped = await exported("out.safetensors");
    expect(stopped.status).toBe(2);
    expect(stopped.stderr).toMatch(
      /^kelvin: the download of model\.safetensors stopped at \d\.\d of 8\.\d MB; What came is kept: [^\n]+\n$/m,
    );
    server.breakAfter = Number.POSITIVE_INFINITY;
    expect(await exported("out.safetensors")).toMatchObject({ status: 0 });
    expect(server.asked.filter((path) => path.includes("bytes="))).toEqual([
      `a/tiny/model.safetensors bytes=${4 * 2 ** 20}-`,
    ]);
    expect(Buffer.compare(readFileSync(join(folder.path, "out.safetensors")), weights)).toBe(0);
  });

  it("is fetched anew after what was kept was damaged, which one line says", async () => {
    await exported("first.safetensors");
    const [kept = ""] = readdirSync(join(folder.path, "cache/models"));
    const path = join(folder.path, "cache/models", kept, "model.safetensors");
    writeFileSync(path, readFileSync(path).fill(7, 5_000_000, 5_000_100));
    const damaged = await exported("second.safetensors");
    expect(damaged.status).toBe(2);
    expect(damaged.stderr).toMatch(
      /^kelvin: model\.safetensors, kept on this device, is not what was downloaded; [^\n]+\n$/,
    );
    expect(await exported("second.safetensors")).toMatchObject({ status: 0 });
    expect(Buffer.compare(readFileSync(join(folder.path, "second.safetensors")), weights)).toBe(0);
  });

  it("is fetched by one of two commands that want it at the same time, and read by both", async () => {
    const both = await Promise.all([exported("first.safetensors"), exported("second.safetensors")]);
    expect(both).toMatchObject([{ status: 0 }, { status: 0 }]);
    expect(server.asked.filter((path) => path === "a/tiny/model.safetensors").length).toBe(1);
  });

  it("is refused in one line where the disk takes no more, and leaves nothing of it there", async () => {
    // What a process may write to one file, in blocks of 1,024 bytes: 2 MB.
    const full = await exported("out.safetensors", "ulimit -f 2000; trap '' XFSZ; ");
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(/^kelvin: There is no room for the model's file on this device\.; [^\n]+\n$/m);
    const [kept = ""] = readdirSync(join(folder.path, "cache/models"));
    const left = readdirSync(join(folder.path, "cache/models", kept));
    expect(left.filter((name) => name.startsWith("model.safetensors") && !name.includes("index"))).toEqual([]);
    expect(left).not.toContain("in-use.lock");
  });

  it.each([
    ["is not there", "nobody/", /has no config\.json/],
    ["cannot be", "https://", /is not a web address/],
    ["cannot be reached", "http://127.0.0.1:9/model", /could not be reached/],
  ])("is refused in one line where it %s", async (_, address, message) => {
    const refused = await exported("out.safetensors", "", address);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/^kelvin: [^\n]+\n$/);
    expect(refused.stderr).toMatch(message);
  });
});

/** `export --model ADDRESS`, which needs no GPU; the server answers meanwhile. */
function exported(
  out: string,
  before = "",
  address = "a/tiny",
): Promise<{ status: number; stdout: string; stderr: string }> {
  const model = address.includes(":") ? address : `${server.address}${address}`;
  const args = ["export", "--model", model, "--format", "safetensors", "--out", out];
  const command = [process.execPath, process.env["KELVIN_CLI"] ?? "", ...args].map((word) => `'${word}'`).join(" ");
  const env = { ...process.env, KELVIN_CACHE: join(folder.path, "cache") };
  return new Promise((resolve) => {
    execFile("bash", ["-c", `${before}exec ${command}`], { cwd: folder.path, env }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr: withoutDawnNotices(stderr) }),
    );
  });
}

function randomTensors() {
  const { parameters } = parameterLayout(parseConfig(CONFIG));
  return new Map(
    parameters.map(({ name, shape }, seed) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: Float32Array.from(uniform(seed, count)) }];
    }),
  );
}
