import { describe, expect, it } from "vitest";
import { ChosenModels } from "../../src/ui/model-choice";

describe("a model that a link names", () => {
  it.each([
    ["https://", "“https://” is not a web address."],
    ["https://models.test/x", "This trains a model from models.test."],
    ["files:mine", "This trains a model of your own files, “mine”, which the page cannot open again by itself."],
  ])("waits for the visitor's word: %s", (model, message) => {
    expect(new ChosenModels().complaintAbout(model)).toMatchObject({ reason: "model", message });
  });

  it("waits no longer once the visitor has chosen it, and comes by itself from this page's own folder", () => {
    const models = new ChosenModels();
    const url = "https://models.test/x";
    models.choose({ url }, "x");
    const name = models.choose({ files: [] }, "mine");
    for (const model of [url, name, "kelvin-nano"]) expect(models.complaintAbout(model)).toBeNull();
    expect(models.find(name)).toEqual({ files: [] });
    expect(models.find(url)).toEqual({ url });
    // Other files than those that are chosen are not there.
    expect(models.complaintAbout("files:other")).not.toBeNull();
  });

  it("needs no second word on this device, for that very address", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const url = "https://models.test/x";
    new ChosenModels(storage).choose({ url }, "x");
    expect(new ChosenModels(storage).complaintAbout(url)).toBeNull();
    for (const other of ["https://models.test/x/y", "https://models.test", "http://models.test/x", `${url}?a=1`])
      expect(new ChosenModels(storage).complaintAbout(other)).not.toBeNull();
    kept.set("agreed-addresses", '{"0":"https://models.test/x"}');
    expect(new ChosenModels(storage).complaintAbout(url)).not.toBeNull();
  });
});
