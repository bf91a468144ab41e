import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandFolder, expectRefused } from "./run-command";

/** A small model whose settings are well formed, to be broken one file at a time. */
const config = {
  model_type: "llama",
  vocab_size: 151,
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  intermediate_size: 32,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
};
const tokenizer = readFileSync("public/models/kelvin-nano/tokenizer.json");

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => folder.remove());

/** Runs a command on the files written so far and expects a refusal that names `names` and adds no file. */
function refuses(names: RegExp, ...args: string[]): void {
  const before = folder.files();
  expectRefused(folder.kelvin(...args), names, before);
}

describe("train", () => {
  it("refuses a method it does not know", () => refuses(/alchemy/, "train", "alchemy", "--out", "run"));
  it("refuses to run without a method", () => refuses(/method|METHOD/, "train", "--out", "run"));
  it("refuses a second method", () => refuses(/one-shot/, "train", "azr", "one-shot", "--out", "run"));
  it("refuses a model that is not there", () =>
    refuses(/no-such-model/, "train", "azr", "--model", "no-such-model", "--out", "run"));
  it("refuses a setting it does not know", () => refuses(/warp/, "train", "azr", "--set", "warp=9", "--out", "run"));
  it("refuses a setting without a value", () =>
    refuses(/--set|key=value/, "train", "azr", "--set", "seedless", "--out", "run"));
  it.each(["-1", "1.5", "ten", ""])('refuses "%s" steps', (steps) =>
    refuses(/steps/, "train", "azr", `--steps=${steps}`, "--out", "run"),
  );
  it("says in one line what the system will not do", () => {
    folder.write("run/checkpoint/run.json/x", "");
    const { status, stderr } = folder.kelvin("train", "azr", "--resume", "run");
    expect(stderr).toMatch(/^kelvin: the checkpoint in [^\n]* is damaged: run.json [^\n]*\n$/);
    expect(status).toBe(2);
  });
  it("refuses to resume from a folder without a run", () => refuses(/no-run/, "train", "azr", "--resume", "no-run"));
});

describe.each([
  ["train", ["train", "azr", "--steps", "1", "--out", "run", "--model"]],
  ["evaluate", ["evaluate", "--model"]],
])("%s refuses a model with", (_, command) => {
  beforeEach(() => {
    folder.write("model/tokenizer.json", tokenizer);
    folder.write("model/model.safetensors", new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 123, 125]));
  });

  it("a config.json that is not JSON", () => {
    folder.write("model/config.json", "{ model_type:");
    refuses(/config\.json/, ...command, "model");
  });

  it("a config.json of an unknown family", () => {
    folder.write("model/config.json", JSON.stringify({ ...config, model_type: "mamba" }));
    refuses(/config\.json.*mamba|mamba.*config\.json/, ...command, "model");
  });

  it("a config.json with an impossible size", () => {
    folder.write("model/config.json", JSON.stringify({ ...config, hidden_size: -16 }));
    refuses(/hidden_size/, ...command, "model");
  });

  it.each([
    ["nothing in it", new Uint8Array(0)],
    ["a header longer than the file", new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0, 123, 125])],
    ["a header that is not JSON", new Uint8Array([4, 0, 0, 0, 0, 0, 0, 0, 110, 111, 112, 101])],
    ["no tensor", new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 123, 125])],
  ])("a model.safetensors with %s", (_what, bytes) => {
    folder.write("model/config.json", JSON.stringify(config));
    folder.write("model/model.safetensors", bytes);
    refuses(/safetensors|tensor/, ...command, "model");
  });
});

describe("evaluate", () => {
  it("refuses a suite that is not there", () => refuses(/no-such-suite/, "evaluate", "--suite", "no-such-suite"));
});

describe("evaluate, of how samples are drawn,", () => {
  it.each([
    ["temperature", "-1", "a number of at least 0"],
    ["temperature", "warm", "a number of at least 0"],
    ["top-k", "0", "a whole number of at least 1"],
    ["top-k", "2.5", "a whole number of at least 1"],
    ["top-p", "0", "a number above 0 and at most 1"],
    ["top-p", "95", "a number above 0 and at most 1"],
    ["min-p", "1.5", "a number from 0 to 1"],
    ["min-p", "", "a number from 0 to 1"],
  ])("refuses --%s %s", (option, value, rule) =>
    refuses(new RegExp(`--${option} ${value}.*expected ${rule}`), "evaluate", `--${option}=${value}`),
  );
});

describe("verify", () => {
  it("refuses to run without cases", () => refuses(/CASES|cases/, "verify"));
  it("refuses a file that is not there", () => refuses(/absent\.json/, "verify", "absent.json"));
  it.each([
    ["not JSON", "[{"],
    ["not a list of cases", '{"cases": 7}'],
    ["a case without a kind", '[{"id": "a", "expect": ["VALID"]}]'],
    ["a case of an unknown kind", '[{"id": "a", "kind": "teleport", "expect": ["VALID"]}]'],
  ])("refuses %s", (_, text) => {
    folder.write("cases.json", text);
    refuses(/cases\.json/, "verify", "cases.json", "--json");
  });
});

describe("golden", () => {
  it("refuses to run without a folder", () => refuses(/DIR|folder|director/, "golden"));
  it("refuses a folder that is not there", () => refuses(/absent/, "golden", "absent"));
  it("refuses a file", () => {
    folder.write("plain.txt", "x");
    refuses(/plain\.txt is a file/, "golden", "plain.txt");
  });
  it("refuses a folder without cases", () => {
    folder.write("empty/README.md", "nothing");
    refuses(/empty/, "golden", "empty");
  });
  it("refuses a malformed case", () => {
    folder.write("broken/a.json", "{");
    folder.write("broken/a.safetensors", new Uint8Array(8));
    refuses(/broken.a\.json/, "golden", "broken");
  });
});

describe("results that cannot be written", () => {
  it.each([
    ["pretrain", "--out", "plain.txt/run"],
    ["pretrain", "--prepare", "--suites", "plain.txt/suites"],
    ["experiment", "azr", "--out", "plain.txt/pages"],
    ["experiment", "azr", "--runs", "plain.txt/runs"],
  ])("are refused before anything is computed: %s %s %s", (...command) => {
    folder.write("plain.txt", "x");
    refuses(/plain\.txt is not a folder/, ...command);
  });
});

describe("files", () => {
  it("are seen when a command leaves any", () => {
    folder.write("left/behind.txt", "x");
    expect(folder.files()).toEqual(["left", "left/behind.txt"]);
  });
});
