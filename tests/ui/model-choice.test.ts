import { describe, expect, it } from "vitest";
import { ChosenModels } from "../../src/ui/model-choice";

describe("a model that a link names", () => {
  it.each([
    ["https://", "“https://” is not a web address."],
    ["https://models.test/x", "This link trains a model from models.test."],
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
});
