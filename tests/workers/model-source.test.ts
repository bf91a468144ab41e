import { describe, expect, it } from "vitest";
import { modelFolder, modelName } from "../../src/download/from-url";
import { readText } from "../../src/model/source";
import { filesSource } from "../../src/workers/model-source/from-files";

describe("the address of a model", () => {
  it.each([
    [
      "https://huggingface.co/Qwen/Qwen2.5-0.5B",
      "https://huggingface.co/Qwen/Qwen2.5-0.5B/resolve/main/",
      "Qwen2.5-0.5B",
    ],
    ["https://huggingface.co/a/b/tree/v1", "https://huggingface.co/a/b/resolve/v1/", "b"],
    [
      "https://huggingface.co/a/b/resolve/main/config.json?download=true",
      "https://huggingface.co/a/b/resolve/main/",
      "b",
    ],
    [
      "https://huggingface.co/a/b/tree/main/checkpoint-500",
      "https://huggingface.co/a/b/resolve/main/checkpoint-500/",
      "b/checkpoint-500",
    ],
    [
      "https://huggingface.co/a/b/blob/main/step_60/config.json",
      "https://huggingface.co/a/b/resolve/main/step_60/",
      "b/step_60",
    ],
    ["https://hf.co/a/b/raw/v1/x/y/README.md", "https://huggingface.co/a/b/resolve/v1/x/y/", "b/x/y"],
    ["https://huggingface.co/a/b/tree/refs/pr/3", "https://huggingface.co/a/b/resolve/refs%2Fpr%2F3/", "b"],
    ["https://huggingface.co/a/b/tree/refs%2Fpr%2F3/c/", "https://huggingface.co/a/b/resolve/refs%2Fpr%2F3/c/", "b/c"],
    ["https://hf.co/a/b/", "https://huggingface.co/a/b/resolve/main/", "b"],
    ["https://www.huggingface.co//a/b#files", "https://huggingface.co/a/b/resolve/main/", "b"],
    ["https://huggingface.co/gpt2", "https://huggingface.co/gpt2/resolve/main/", "gpt2"],
    ["https://huggingface.co/gpt2/tree/v2/d", "https://huggingface.co/gpt2/resolve/v2/d/", "gpt2/d"],
    ["https://models.test/nano", "https://models.test/nano/", "nano"],
    ["https://models.test/a/checkpoint-500/", "https://models.test/a/checkpoint-500/", "checkpoint-500"],
    ["https://models.test/a%20b/", "https://models.test/a%20b/", "a b"],
    ["http://localhost:8000/a/b/model.safetensors#x", "http://localhost:8000/a/b/", "b"],
    ["https://models.test", "https://models.test/", "models.test"],
  ])("%s is the folder %s", (address, folder, name) => {
    expect(modelFolder(address).href).toBe(folder);
    expect(modelName(modelFolder(address))).toBe(name);
  });

  it.each([
    ["https://models.test/nano?x=1", /\?x=1/],
    ["https://huggingface.co/a/b?x=1", /\?x=1/],
    ["https://huggingface.co/a/b/tree/main?download=true&token=t", /\?download=true&token=t/],
    ["https://me:secret@models.test/nano", /user name/],
    ["https://huggingface.co/datasets/a/b", /no address of a model/],
    ["https://hf.co/spaces/a/b/tree/main", /no address of a model/],
    ["https://huggingface.co", /no address of a model/],
    ["https://huggingface.co/a/b/discussions/3", /“discussions”/],
    ["https://huggingface.co/a/b/commits/main", /“commits”/],
    ["https://huggingface.co/a/b/tree", /“tree”/],
  ])("is refused rather than cut: %s", (address, message) => {
    expect(() => modelFolder(address)).toThrow(message);
  });

  it.each(["kelvin-nano", "", "file:///etc/passwd", "javascript:alert(1)", "https://models.test/%zz"])(
    "is not %j",
    (address) => {
      expect(() => modelFolder(address)).toThrow(/is not a web address/);
    },
  );
});

/** A file as a folder picker gives it. */
function file(path: string, text = path): File {
  const made = new File([text], path.slice(path.lastIndexOf("/") + 1));
  return Object.defineProperty(made, "webkitRelativePath", { value: path.includes("/") ? path : "" });
}

describe("files of a visitor", () => {
  it("are the folder that has config.json, by its name", async () => {
    const files = ["home/README.md", "home/nano/config.json", "home/nano/tokenizer.json", "home/other/tokenizer.json"];
    const source = filesSource(files.map((path) => file(path)));
    expect(source.name).toBe("nano");
    expect(await readText(source, "tokenizer.json")).toBe("home/nano/tokenizer.json");
    expect(await source.open("README.md")).toBeNull();
  });

  it("may be chosen one by one", async () => {
    const source = filesSource([file("config.json"), file("model.safetensors", "weights")]);
    expect([source.name, await readText(source, "model.safetensors")]).toEqual(["your model", "weights"]);
  });

  it("are counted as they are read", async () => {
    const told: [number, number, string][] = [];
    const source = filesSource([file("config.json"), file("w", "weights")], (...bytes) => told.push(bytes));
    const weights = await source.open("w");
    await weights?.read(0, 3);
    await weights?.read(3, 4);
    expect(told).toEqual([
      [3, 7, "w"],
      [7, 7, "w"],
    ]);
  });

  it.each([
    [["nano/tokenizer.json"], "none of 1 files is config.json"],
    [["a/config.json", "b/config.json"], "2 folders have a config.json"],
  ])("%j are refused", (paths, message) => {
    expect(() => filesSource(paths.map((path) => file(path)))).toThrow(message);
  });
});
