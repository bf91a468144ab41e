import { describe, expect, it } from "vitest";
import type { Group, Prompt, Sample, TaskType, VerdictName } from "../../src/contracts";
import { type Admission, admit, nothingKnown } from "../../src/tasks/admit";
import { Checks } from "../../src/tasks/check";
import { heldOutSet } from "../../src/tasks/held-out";
import { proposerPrompt } from "../../src/tasks/prompts";
import { drain, FakeVerifier, scriptedTokenizer } from "../train/scripted";

const policy = { tokenizer: scriptedTokenizer, contextLength: 400 };
const PLUS = "def f(x):\n x=x+1\n return x+2";

function admission(changes: Partial<Admission> = {}): Admission {
  const checks = new Checks(new FakeVerifier());
  return { policy, checks, heldOut: new Set(), known: nothingKnown(), step: 3, ...changes };
}

function sample(id: string, text: string): Sample {
  const tokens = scriptedTokenizer.encode(text);
  return {
    id,
    tokens,
    logprobs: new Float32Array(tokens.length),
    text,
    stop: "eos",
    reward: 0,
    advantage: 0,
    trace: false,
  };
}

function proposals(type: TaskType, ...texts: readonly string[]): Group[] {
  const prompt: Prompt = proposerPrompt(policy, `p/${type}`, type, PLUS);
  return [{ prompt, samples: texts.map((text, index) => sample(`p/${type}/${index}`, text)) }];
}

async function verdicts(groups: Group[], rules = admission()): Promise<(VerdictName | undefined)[]> {
  await drain(admit(groups, rules));
  return groups.flatMap(({ samples }) => samples.map(({ verdict }) => verdict?.verdict));
}

describe("admission", () => {
  it("makes a task of a valid proposal", async () => {
    const { events, result } = await drain(admit(proposals("deduction", `${PLUS}<in>4`), admission()));
    expect(result.map(({ task }) => task)).toEqual([
      {
        id: "p/deduction/0",
        type: "deduction",
        program: PLUS,
        pairs: [{ input: "4", output: "7" }],
        message: "",
        statements: 2,
        step: 3,
        normalized: PLUS,
      },
    ]);
    expect(events.map(({ type }) => type)).toEqual(["verify.verdict", "task.add"]);
    expect(events[0]).toMatchObject({ sampleId: "p/deduction/0", verdict: { verdict: "VALID" }, output: "7" });
  });

  it("names what is wrong with the others", async () => {
    const texts = [
      "nonsense",
      "def g(x):\n return x<in>1",
      `${PLUS}<in>True`,
      `${PLUS}<in>100`,
      "def f(x):\n return y<in>1",
      "def f(x):\n return x<in>1",
      "def f(x):\n return x*50<in>4",
    ];
    expect(await verdicts(proposals("abduction", ...texts))).toEqual([
      "FORMAT",
      "OUT OF DOMAIN",
      "OUT OF DOMAIN",
      "OUT OF DOMAIN",
      "INVALID PROGRAM",
      "TRIVIAL identity",
      "OUT OF DOMAIN",
    ]);
  });

  it("runs only what has the right shape", async () => {
    const verifier = new FakeVerifier();
    await verdicts(
      proposals("deduction", "nonsense", `${PLUS}<in>4`, `${PLUS}<in>'a'`),
      admission({ checks: new Checks(verifier) }),
    );
    expect(verifier.counts.propose).toBe(1);
  });

  it("refuses what exists already, in the buffer or in this step, unless the input differs", async () => {
    const rules = admission();
    expect(await verdicts(proposals("deduction", `${PLUS}<in>4`, `${PLUS}<in>4`, `${PLUS}<in>5`), rules)).toEqual([
      "VALID",
      "DUPLICATE",
      "VALID",
    ]);
    expect(await verdicts(proposals("deduction", `${PLUS}<in>5`), rules)).toEqual(["DUPLICATE"]);
    expect(await verdicts(proposals("abduction", `${PLUS}<in>5`), rules)).toEqual(["VALID"]);
  });

  it("keeps held-out programs out: whole from two statements on, with their input below", async () => {
    const one = "def f(x):\n return x+3";
    const task = (program: string, statements: number) => ({
      normalized: program,
      statements,
      pairs: [{ input: "4", output: "7" }],
    });
    const keys = heldOutSet(
      [task(PLUS, 2), task(one, 1)].map((fields) => ({
        ...fields,
        id: "",
        type: "deduction",
        program: "",
        message: "",
        step: -1,
      })),
    );
    const texts = [`${PLUS}<in>4`, `${PLUS}<in>9`, `${one}<in>4`, `${one}<in>9`];
    expect(await verdicts(proposals("deduction", ...texts), admission({ heldOut: keys }))).toEqual([
      "HELD OUT",
      "HELD OUT",
      "HELD OUT",
      "VALID",
    ]);
  });

  it("asks induction for a message of the program's operators, and varied outputs", async () => {
    const texts = ["1;2;3;4;5<msg>+", "1;2;3;4;6<msg>return", "1;2;3;4;6<msg>%", "1;1;1;2;2<msg>"];
    const given = await verdicts(proposals("induction", ...texts));
    expect(given).toEqual(["VALID", "OUT OF DOMAIN", "OUT OF DOMAIN", "TRIVIAL constant"]);
  });

  it("lets induction describe a short held-out program by other inputs", async () => {
    const one = "def f(x):\n return x+3";
    const inputs = ["1", "2", "3", "4", "5"];
    const pairs = inputs.map((input) => ({ input, output: String(Number(input) + 3) }));
    const task = {
      id: "",
      type: "induction",
      program: one,
      pairs,
      message: "",
      statements: 1,
      step: -1,
      normalized: one,
    } as const;
    const groups = proposals("induction", "1;2;3;4;5<msg>", "1;2;3;4;6<msg>");
    const prompted = groups.map(({ prompt, samples }) => ({ prompt: { ...prompt, reference: one }, samples }));
    expect(await verdicts(prompted, admission({ heldOut: heldOutSet([task]) }))).toEqual(["HELD OUT", "VALID"]);
  });

  it("refuses tasks without room for an answer", async () => {
    expect(
      await verdicts(proposals("deduction", `${PLUS}<in>4`), admission({ policy: { ...policy, contextLength: 50 } })),
    ).toEqual(["TOO LONG"]);
  });
});
