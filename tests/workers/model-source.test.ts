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
    ["https://models.test/nano", "https://models.test/nano/", "nano"],
    ["http://localhost:8000/a/b/model.safetensors#x", "http://localhost:8000/a/b/", "b"],
    ["https://models.test", "https://models.test/", "models.test"],
  ])("%s is the folder %s", (address, folder, name) => {
    expect(modelFolder(address).href).toBe(folder);
    expect(modelName(modelFolder(address))).toBe(name);
  });

  it.each(["kelvin-nano", "", "file:///etc/passwd", "javascript:alert(1)"])("is not %j", (address) => {
    expect(() => modelFolder(address)).toThrow(/is not a web address/);
  });
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
