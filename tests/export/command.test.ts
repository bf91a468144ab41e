import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors";
import { CommandFolder, expectRefused } from "../setup/run-command";

const SHIPPED = "public/models/kelvin-nano";
const HALF = {
  model_type: "llama",
  vocab_size: 3,
  hidden_size: 2,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  intermediate_size: 1,
  tie_word_embeddings: true,
};

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => folder.remove());

function read(name: string): Map<string, Tensor> {
  return readSafetensors(readFileSync(join(folder.path, name))).tensors;
}

function digest(name: string): string {
  return hash(readFileSync(join(folder.path, name)));
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Names, shapes and a digest of every bit. */
function bits(tensors: ReadonlyMap<string, Tensor>): [string, readonly number[], string][] {
  return [...tensors].map(([name, { shape, data }]) => [name, shape, hash(new Uint8Array(data.buffer))]);
}

/** A model whose norms are float32 and whose other weights are bfloat16, with a negative zero, a tiny number and a NaN. */
function writeHalf(): void {
  const shapes: Record<string, number[]> = {
    "model.embed_tokens.weight": [3, 2],
    "model.norm.weight": [2],
    "model.layers.0.input_layernorm.weight": [2],
    "model.layers.0.post_attention_layernorm.weight": [2],
    "model.layers.0.self_attn.q_proj.weight": [2, 2],
    "model.layers.0.self_attn.k_proj.weight": [2, 2],
    "model.layers.0.self_attn.v_proj.weight": [2, 2],
    "model.layers.0.self_attn.o_proj.weight": [2, 2],
    "model.layers.0.mlp.gate_proj.weight": [1, 2],
    "model.layers.0.mlp.up_proj.weight": [1, 2],
    "model.layers.0.mlp.down_proj.weight": [2, 1],
  };
  const header: Record<string, object> = {};
  const numbers: number[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const start = numbers.length * 2;
    const count = shape.reduce((product, size) => product * size, 1);
    for (let i = 0; i < count; i++) numbers.push([0x8000, 0x3f80, 0x0001, 0x7fc1][i % 4] as number);
    header[name] = { dtype: "BF16", shape, data_offsets: [start, numbers.length * 2] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.byteLength));
  const data = Buffer.from(Uint16Array.from(numbers).buffer);
  folder.write("half/config.json", JSON.stringify(HALF));
  folder.write("half/tokenizer.json", readFileSync(join(SHIPPED, "tokenizer.json")));
  folder.write("half/model.safetensors", Buffer.concat([size, text, data]));
}

describe("export to safetensors", () => {
  it("keeps every bit, and so does exporting the export", () => {
    const first = folder.kelvin("export", "--model", "kelvin-nano", "--format", "safetensors", "--out", "new/once");
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^\S+once.model\.safetensors: \d+\.\d MB, \d+ parameters in float32\n$/);
    const made = ["config.json", "model.safetensors", "tokenizer.json"].map((name) => `new/once/${name}`);
    expect(first.files).toEqual(["new", "new/once", ...made]);
    const second = folder.kelvin(
      "export",
      "--model",
      "new/once",
      "--format",
      "safetensors",
      "--out",
      "twice.safetensors",
    );
    expect(second).toMatchObject({ status: 0, stderr: "" });
    const shipped = readSafetensors(readFileSync(join(SHIPPED, "model.safetensors"))).tensors;
    expect(bits(read("new/once/model.safetensors"))).toEqual(bits(shipped));
    expect(digest("twice.safetensors")).toBe(digest("new/once/model.safetensors"));
  });

  it("widens half precision without loss and says so", () => {
    writeHalf();
    const outcome = folder.kelvin("export", "--model", "half", "--format", "safetensors", "--out", "wide.safetensors");
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).toContain("widened from BF16");
    const embedding = read("wide.safetensors").get("model.embed_tokens.weight")?.data as Float32Array;
    expect([...new Uint32Array(embedding.buffer)]).toEqual(
      [0x8000, 0x3f80, 0x0001, 0x7fc1, 0x8000, 0x3f80].map((half) => half * 2 ** 16),
    );
  });

  it.each(["safetensors", "onnx"])("takes every file of a model along into a folder as %s, and no other", (format) => {
    writeHalf();
    const beside = [
      "tokenizer_config.json",
      "special_tokens_map.json",
      "generation_config.json",
      "chat_template.jinja",
    ];
    for (const name of beside) folder.write(`half/${name}`, `{"name":"${name}"}`);
    folder.write("half/README.md", "not a part");
    const outcome = folder.kelvin("export", "--model", "half", "--format", format, "--out", "new");
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    const made = ["config.json", "tokenizer.json", `model.${format}`, ...beside].map((name) => `new/${name}`);
    expect(outcome.files.filter((name) => name.startsWith("new/"))).toEqual(made.sort());
    for (const name of beside) expect(digest(`new/${name}`)).toBe(digest(`half/${name}`));
  });

  it("leaves out a head that is the embedding again, and refuses another", () => {
    writeHalf();
    const tensors = read("half/model.safetensors");
    const embedding = tensors.get("model.embed_tokens.weight") as Tensor;
    const store = (head: Tensor) =>
      folder.write("half/model.safetensors", writeSafetensors(new Map([...tensors, ["lm_head.weight", head]])));
    const exported = () =>
      folder.kelvin("export", "--model", "half", "--format", "safetensors", "--out", "own.safetensors");
    store({ ...embedding, data: embedding.data.map((value) => 2 * value) });
    expectRefused(exported(), /lm_head\.weight is not model\.embed_tokens\.weight/, folder.files());
    store(embedding);
    const outcome = exported();
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(outcome.stdout).not.toContain("widened");
    expect(read("own.safetensors").has("lm_head.weight")).toBe(false);
  });
});

describe("export refuses", () => {
  /** Nothing but what was there, unchanged. */
  function refuses(names: RegExp, ...args: string[]): void {
    expectRefused(folder.kelvin("export", ...args), names, folder.files());
  }

  it.each([
    ["a format it does not know", /--format gguf; one of safetensors, onnx, peft/, ["--format", "gguf", "--out", "x"]],
    ["no format", /no --format/, ["--out", "x"]],
    ["no place", /no --out/, ["--format", "onnx"]],
    ["another argument", /unexpected nano/, ["nano", "--format", "onnx", "--out", "x"]],
    ["an unknown option", /--fast/, ["--fast", "--format", "onnx", "--out", "x"]],
    ["a model that is not there", /no-such/, ["--model", "no-such", "--format", "onnx", "--out", "x"]],
    ["a file of the other format", /x\.onnx with --format safetensors/, ["--format", "safetensors", "--out", "x.onnx"]],
  ])("%s", (_, names, args) => refuses(names, ...args));

  it("a file in the way, unless told to replace it", () => {
    folder.write("a.safetensors", "precious");
    const args = ["--format", "safetensors", "--out", "a.safetensors"];
    refuses(/a\.safetensors exists/, ...args);
    expect(readFileSync(join(folder.path, "a.safetensors"), "utf8")).toBe("precious");
    expect(folder.kelvin("export", ...args, "--force")).toMatchObject({ status: 0, files: ["a.safetensors"] });
    expect(read("a.safetensors").size).toBeGreaterThan(1);
  });

  it("to replace the model it reads", () => {
    writeHalf();
    const before = digest("half/model.safetensors");
    for (const out of ["half", "half/model.safetensors"])
      refuses(/belongs to the model itself/, "--model", "half", "--format", "safetensors", "--out", out, "--force");
    expect(digest("half/model.safetensors")).toBe(before);
  });

  it("a folder where a file stands, and a file where a folder stands", () => {
    folder.write("taken", "x");
    folder.write("made.onnx/x", "x");
    refuses(/taken is not a folder/, "--format", "onnx", "--out", "taken");
    refuses(/made\.onnx is a folder/, "--format", "onnx", "--out", "made.onnx");
    refuses(/taken is not a folder/, "--format", "onnx", "--out", "taken/model.onnx");
  });

  it("weights that do not belong to the configuration", () => {
    writeHalf();
    folder.write("half/config.json", JSON.stringify({ ...HALF, vocab_size: 4 }));
    refuses(/embed_tokens.*\[4,2\].*\[3,2\]/, "--model", "half", "--format", "onnx", "--out", "x.onnx");
    folder.write("half/config.json", JSON.stringify({ ...HALF, tie_word_embeddings: false }));
    refuses(/lm_head\.weight is missing/, "--model", "half", "--format", "safetensors", "--out", "x");
  });

  it("a model.safetensors that is cut short", () => {
    writeHalf();
    const whole = readFileSync(join(folder.path, "half/model.safetensors"));
    folder.write("half/model.safetensors", whole.subarray(0, -1));
    refuses(/model\.safetensors/, "--model", "half", "--format", "onnx", "--out", "x.onnx");
  });
});
