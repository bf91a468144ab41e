import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SHOWN_PAIRS, type Task, type TrainEvent, type Verifier } from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { handover } from "../../src/handover/bundle";
import { verlSettings } from "../../src/handover/verl";
import { solverReward } from "../../src/reward/reward";
import { parseAnswer } from "../../src/tasks/formats";
import { readRecording } from "../../src/telemetry/replay";
import { CATALOGUE_LIMITS } from "../../src/verify";
import { type Case, parseCases } from "../../src/verify/cases";
import { createNodeVerifier } from "../../src/verify/node";

const MODEL = "public/models/kelvin-nano";
const events = readRecording(gunzipSync(readFileSync("public/runs/azr-kelvin-nano.jsonl.gz")).toString());
const suite = parseSuite("s", readFileSync("public/suites/fresh-in-distribution.jsonl", "utf8"));
const model = new Map<string, Uint8Array>(
  ["config.json", "tokenizer.json", "model.safetensors"].map((name) => [name, readFileSync(join(MODEL, name))]),
);
const source = { events, files: model, heldOut: suite.tasks.slice(0, 30), withChat: true };
const bundle = handover(source);
const textOf = (path: string, of = bundle) => new TextDecoder().decode(of.get(path));
const rowsOf = (path: string) =>
  textOf(path)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("a bundle for other trainers", () => {
  it("has every task of the run in verl's columns, and the held-out ones apart", () => {
    const tasks = events.flatMap((event) => (event.type === "task.add" ? [event.task] : []));
    const rows = rowsOf("tasks/train.jsonl");
    expect(rows).toHaveLength(tasks.length);
    expect(rows.map(({ extra_info }) => extra_info.id)).toEqual(tasks.map(({ id }) => id));
    expect(new Set(rows.map(({ data_source }) => data_source))).toEqual(
      new Set(["kelvin/deduction", "kelvin/abduction", "kelvin/induction"]),
    );
    expect(rowsOf("tasks/held-out.jsonl")).toHaveLength(30);
    const induction = tasks.findIndex(({ type }) => type === "induction");
    const truth = JSON.parse(rows[induction].reward_model.ground_truth);
    expect(truth.pairs).toEqual(tasks[induction]?.pairs.slice(SHOWN_PAIRS));
    // What the model is told must not hold what it is tested on.
    for (const { output } of truth.pairs) expect(rows[induction].prompt[0].content).not.toContain(`<out>${output};`);
  });

  it("has a tokenizer whose role tokens survive decoding without special tokens, and a template that repeats", () => {
    const tokens = JSON.parse(textOf("model/tokenizer.json")).added_tokens as { content: string; special: boolean }[];
    expect(tokens.filter(({ special }) => special).map(({ content }) => content)).toEqual(["<pad>", "<eos>"]);
    expect(JSON.parse(textOf("model/generation_config.json"))).toMatchObject({ eos_token_id: 1, pad_token_id: 0 });
    expect(textOf("model/chat_template.jinja")).toContain("message['content']");
    expect(bundle.get("model/model.safetensors")).toBe(model.get("model.safetensors"));
  });

  it("leaves another model's folder alone, asks it in words, and takes an adapter along", () => {
    const foreign = new Map<string, Uint8Array>([
      ...model,
      ["tokenizer.json", Buffer.from('{"added_tokens":[{"id":0,"content":"<s>","special":true}]}')],
      ["chat_template.jinja", Buffer.from("template")],
      ["adapter/adapter_config.json", Buffer.from("{}")],
    ]);
    const other = handover({ ...source, files: foreign });
    expect(textOf("model/tokenizer.json", other)).toBe(textOf("tokenizer.json", foreign as never));
    expect(textOf("model/chat_template.jinja", other)).toBe("template");
    expect(other.has("adapter/adapter_config.json")).toBe(true);
    expect(textOf("tasks/train.jsonl", other)).toContain("After <ded> comes a Python function");
    expect(textOf("tasks/train.jsonl", handover({ ...source, files: foreign, withChat: false }))).not.toContain(
      "After",
    );
  });

  it("refuses integrals, a log without tasks, and a model without tokenizer, in one line", () => {
    const integral: Task = { ...suite.tasks[0]!, type: "integration" };
    expect(() => handover({ ...source, heldOut: [integral] })).toThrow("Integrals cannot be handed over.");
    const empty = events.filter(({ type }) => type !== "task.add");
    expect(() => handover({ ...source, events: empty })).toThrow("no tasks to go on with");
    expect(() => handover({ ...source, files: new Map([["tokenizer.json", Buffer.from("{")]]) })).toThrow(
      "tokenizer.json cannot be read",
    );
  });

  it("names only settings that verl has", () => {
    // Names of verl's ppo_trainer.yaml and of the groups that it includes.
    const known = new Set(readFileSync("tests/handover/verl-settings.txt", "utf8").trim().split("\n"));
    const named = [...verlSettings(JSON.parse(textOf("settings.json"))).keys()].filter((key) => !key.startsWith("$"));
    expect(named.filter((key) => !known.has(key))).toEqual([]);
    for (const key of named) expect(textOf("verl.sh")).toContain(`  ${key}=`);
  });
});

type Row = readonly [kind: string, truth: string, text: string, ended: boolean];

const LARGE = process.env["KELVIN_LARGE"] === "1";
/** Recorded answers that are judged by both; 2,000 with KELVIN_LARGE=1. */
const RECORDED = LARGE ? 2000 : 120;

const python = spawnSync("python3", ["-c", "import sys, resource; assert sys.version_info >= (3, 9)"]);
const withoutPython = python.status === 0 ? "" : "; skipped: no python3 (3.9 or later) on this machine";

describe.skipIf(withoutPython !== "")(`a bundle's reward in Python${withoutPython}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "kelvin-handover-"));
  let verifier: Verifier;
  beforeAll(async () => {
    for (const [path, bytes] of bundle) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    verifier = await createNodeVerifier({ limits: CATALOGUE_LIMITS });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await verifier.dispose();
  });

  function inPython(rows: readonly Row[]): string[] {
    const options = { input: JSON.stringify(rows), encoding: "utf8", maxBuffer: 2 ** 26 } as const;
    const { stdout, stderr } = spawnSync("python3", ["tests/handover/judge.py", join(folder, "reward")], options);
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  it(`gives ${RECORDED} recorded answers of all three types the verdict and reward that they had`, () => {
    const recorded = recordedAnswers(events);
    const step = Math.max(1, Math.floor(recorded.length / RECORDED));
    const chosen = recorded.filter((_, index) => index % step === 0);
    expect(chosen.length).toBeGreaterThanOrEqual(RECORDED);
    expect(new Set(chosen.map(({ row: [kind] }) => kind)).size).toBe(3);
    const verdicts = inPython(chosen.map(({ row }) => row));
    expect(verdicts).toEqual(chosen.map(({ verdict }) => verdict));
    for (const [index, { reward }] of chosen.entries())
      if (reward !== undefined) expect(solverReward(verdicts[index] as never)).toBe(reward);
  });

  it("gives the catalogue's attacks the verdicts of our verifier", { timeout: 300_000 }, async () => {
    const cases = parseCases(readFileSync("tests/verify/cases.json", "utf8"), "cases.json");
    const asked = await Promise.all(cases.filter((one) => LARGE || one.kind !== "proposal").map(attackRow));
    const rows = asked.flatMap((one) => (one ? [one] : []));
    const ours = await Promise.all(rows.map(ourVerdict));
    const theirs = inPython(rows);
    const differing = rows.flatMap((row, index) =>
      ours[index] === theirs[index] ? [] : [[...row.slice(0, 3), ours[index], theirs[index]]],
    );
    expect(differing).toEqual([]);
    expect(rows.length).toBeGreaterThan(LARGE ? 250 : 90);
  });

  /** Programs of proposals are judged as answers to an induction. */
  async function attackRow(one: Case): Promise<Row | null> {
    const runs = async (program: string, inputs: readonly string[]) =>
      (await verifier.run([{ program, inputs }]))[0]?.outputs ?? [];
    const written = (text: string) => `<ans>${text}`;
    if (one.kind === "abduction")
      return ["abduction", JSON.stringify({ program: one.program, output: one.output }), written(one.answer), true];
    if (one.kind === "proposal") {
      const pairs = [{ input: one.input, output: "9999991" }];
      return ["induction", JSON.stringify({ pairs }), written(one.program), true];
    }
    const inputs = one.kind === "deduction" ? [one.input] : one.inputs;
    const outputs = await runs(one.kind === "deduction" ? one.program : one.reference, inputs);
    if (outputs.length < inputs.length || outputs.includes(null)) return null;
    if (one.kind === "deduction")
      return ["deduction", JSON.stringify({ program: one.program, output: outputs[0] }), written(one.answer), true];
    const pairs = inputs.map((input, index) => ({ input, output: outputs[index] }));
    return ["induction", JSON.stringify({ pairs }), written(one.answer), true];
  }

  async function ourVerdict([kind, truth, text]: Row): Promise<string | undefined> {
    const answer = parseAnswer({ text, stop: "eos" });
    if (answer === null) return "FORMAT";
    const { program, output, pairs } = JSON.parse(truth);
    if (kind === "deduction") return (await verifier.deduce([{ gold: output, answer }]))[0]?.verdict;
    if (kind === "abduction") return (await verifier.abduce([{ program, gold: output, answer }]))[0]?.verdict;
    return (await verifier.induce([{ program: answer, pairs }]))[0]?.verdict;
  }
});

interface RecordedAnswer {
  readonly row: Row;
  readonly verdict: string;
  readonly reward: number | undefined;
}

function recordedAnswers(log: readonly TrainEvent[]): RecordedAnswer[] {
  const verdicts = new Map(log.flatMap((one) => (one.type === "verify.verdict" ? [[one.sampleId, one.verdict]] : [])));
  const rewards = new Map(log.flatMap((one) => (one.type === "reward.sample" ? [[one.sampleId, one.reward]] : [])));
  return log.flatMap((one): RecordedAnswer[] => {
    if (one.type !== "rollout.sample" || !one.prompt.kind.startsWith("solver") || !one.prompt.task) return [];
    const { sample, prompt } = one;
    const verdict = verdicts.get(sample.id as never) as { readonly verdict: string } | undefined;
    const { type, program, pairs } = prompt.task as Task;
    const truth = type === "induction" ? { pairs: pairs.slice(SHOWN_PAIRS) } : { program, output: pairs[0]?.output };
    const row: Row = [type, JSON.stringify(truth), sample.text, sample.stop === "eos"];
    return verdict
      ? [{ row, verdict: verdict.verdict, reward: rewards.get(sample.id as never) as number | undefined }]
      : [];
  });
}
