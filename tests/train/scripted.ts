import type {
  Completion,
  Learner,
  LiveTokens,
  Policy,
  ProposalResult,
  Rng,
  RunResult,
  SamplingOptions,
  SamplingRequest,
  Tokenizer,
  TrainingSequence,
  UpdateMetrics,
  Verdict,
  Verifier,
} from "../../src/contracts";
import { createRng } from "../../src/rollout/rng";

/** A policy and a verifier without any network or interpreter, small enough to predict by hand. */

const PIECES = [
  ..."<pad> <eos> <ded> <abd> <ind> <pded> <pabd> <pind> <in> <out> <think> <ans> <new> <msg>".split(" "),
  ...["def f(x):", "\n ", "return ", "x=", "<easy>", "<judge>", "<try>", "<rule>", "<check>", "<score>"],
];

const PIECE = new RegExp(`${PIECES.map((piece) => piece.replace(/[()]/gu, "\\$&")).join("|")}|[\\s\\S]`, "gu");

/** Role tokens and a few merged pieces are ids from 0, every other character is its code above 100. */
export const scriptedTokenizer: Tokenizer = {
  vocabularySize: 1024,
  endToken: 1,
  encode: (text) => Int32Array.from(text.match(PIECE) ?? [], idOf),
  decode: (tokens) => Array.from(tokens, (token) => PIECES[token] ?? String.fromCharCode(token - 100)).join(""),
};

function idOf(piece: string): number {
  const known = PIECES.indexOf(piece);
  return known >= 0 ? known : piece.charCodeAt(0) + 100;
}

/** What the scripted policy writes for one sample; `null` end: it runs into the limit. */
export type Script = (prompt: string, rng: Rng, skill: number) => string;

/** A policy that follows a script; its one weight, `skill`, is moved by updates. */
export class ScriptedModel implements Policy, Learner {
  readonly tokenizer = scriptedTokenizer;
  readonly contextLength = 512;
  skill = 0.3;
  readonly updates: { sequences: readonly TrainingSequence[]; learningRate: number }[] = [];
  /** Prompts of every generate call. */
  readonly calls: string[][] = [];
  /** How each of them was drawn. */
  readonly sampling: SamplingOptions[] = [];
  constructor(private readonly script: Script) {}

  /** One request after the other, each told of as soon as it is written. */
  async *generate(
    requests: readonly SamplingRequest[],
    sampling: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    this.sampling.push(sampling);
    this.calls.push(requests.map(({ tokens }) => this.tokenizer.decode(tokens)));
    const written: Completion[][] = [];
    for (const [request, asked] of requests.entries()) {
      const completions = Array.from({ length: asked.samples }, (_, index) => this.complete(asked, index));
      yield completions.map((completion, sample) => ({ request, sample, tokens: completion.tokens, completion }));
      written.push(completions);
    }
    return written;
  }

  async score(sequences: readonly { completion: Int32Array }[]): Promise<Float32Array[]> {
    return sequences.map(({ completion }) => new Float32Array(completion.length).fill(-0.5));
  }

  async update(sequences: readonly TrainingSequence[], _loss: unknown, learningRate: number): Promise<UpdateMetrics> {
    this.updates.push({ sequences, learningRate });
    const tokens = sequences.reduce((sum, { completion }) => sum + completion.length, 0);
    const push = sequences.reduce((sum, { advantage, completion }) => sum + advantage * completion.length, 0) / tokens;
    this.skill = Math.min(0.95, this.skill + 0.02 + 0.01 * Math.tanh(push));
    return { loss: -push, gradNorm: 1, entropy: 0.5, klToReference: 0, clipFraction: 0, logprobGap: 0, tokens };
  }

  private complete({ tokens, seed, maxNewTokens }: SamplingRequest, index: number): Completion {
    const text = this.script(this.tokenizer.decode(tokens), createRng(seed).child(index), this.skill);
    const whole = Int32Array.of(...this.tokenizer.encode(text), this.tokenizer.endToken);
    const written = whole.subarray(0, maxNewTokens);
    const logprobs = new Float32Array(written.length).fill(-0.25);
    const entropies = new Float32Array(written.length).fill(0.5);
    return { tokens: written, logprobs, entropies, stop: whole.length <= maxNewTokens ? "eos" : "length" };
  }
}

/** `def f(x)` with lines `x=x+c`, `x=x-c`, `x=x*c` and a return of the same kind or of `x`; null for anything else. */
export function runProgram(program: string, input: string): string | null {
  const lines = program.split("\n ");
  let x = Number(input);
  if (lines.shift() !== "def f(x):" || lines.length === 0 || !/^-?\d+$/.test(input)) return null;
  for (const [index, line] of lines.entries()) {
    const match = /^(x=|return )x(?:([-+*])(\d+))?$/.exec(line);
    if (!match || (match[1] === "return ") !== (index === lines.length - 1)) return null;
    const c = Number(match[3] ?? 0);
    x = match[2] === "+" ? x + c : match[2] === "-" ? x - c : match[2] === "*" ? x * c : x;
  }
  return String(x);
}

/** A verifier for those programs. */
export class FakeVerifier implements Verifier {
  readonly counts = { propose: 0, deduce: 0, abduce: 0, induce: 0 };

  async propose(jobs: Parameters<Verifier["propose"]>[0]): Promise<ProposalResult[]> {
    this.counts.propose += jobs.length;
    return jobs.map(({ program, inputs, rules }) => {
      const outputs = inputs.flatMap((input) => runProgram(program, input) ?? []);
      const refuse = (verdict: Verdict["verdict"], reason: string) => ({
        verdict,
        reason,
        outputs: [],
        normalized: program,
      });
      if (outputs.length < inputs.length) return refuse("INVALID PROGRAM", "cannot run");
      if (rules?.identity !== false && program === "def f(x):\n return x") return refuse("TRIVIAL identity", "");
      if (new Set(outputs).size < (rules?.distinctOutputs ?? 0)) return refuse("TRIVIAL constant", "");
      return { verdict: "VALID", reason: "", outputs, normalized: program };
    });
  }

  async deduce(jobs: Parameters<Verifier["deduce"]>[0]): Promise<Verdict[]> {
    this.counts.deduce += jobs.length;
    return jobs.map(({ gold, answer }) => literal(answer) ?? ruling(gold === answer));
  }

  async abduce(jobs: Parameters<Verifier["abduce"]>[0]): Promise<Verdict[]> {
    this.counts.abduce += jobs.length;
    return jobs.map(({ program, gold, answer }) => literal(answer) ?? ruling(runProgram(program, answer) === gold));
  }

  async induce(jobs: Parameters<Verifier["induce"]>[0]): Promise<Verdict[]> {
    this.counts.induce += jobs.length;
    return jobs.map(({ program, pairs }) => {
      const right = pairs.every(({ input, output }) => runProgram(program, input) === output);
      return runProgram(program, "1") === null ? { verdict: "INVALID PROGRAM", reason: "" } : ruling(right);
    });
  }

  async run(jobs: Parameters<Verifier["run"]>[0]): Promise<RunResult[]> {
    return jobs.map(({ program, inputs }) => ({
      outputs: inputs.map((input) => runProgram(program, input)),
      verdict: { verdict: "VALID", reason: "" },
    }));
  }

  async dispose(): Promise<void> {}
}

function literal(answer: string): Verdict | null {
  return /^-?\d+$/.test(answer) ? null : { verdict: "INVALID ANSWER", reason: "" };
}

function ruling(right: boolean): Verdict {
  return { verdict: right ? "CORRECT" : "WRONG", reason: "" };
}

/** Plays all six roles: proposes random short programs, and answers right with probability `skill`. */
export const selfPlay: Script = (prompt, rng, skill) => {
  const [role = ""] = /^<[a-z]+>/.exec(prompt) ?? [];
  const right = rng.next() < skill;
  switch (role) {
    case "<pded>":
    case "<pabd>":
      return rng.next() < 0.1 ? "nonsense" : `${randomProgram(rng)}<in>${rng.below(20)}`;
    case "<pind>":
      return `${Array.from({ length: 5 }, () => rng.below(50)).join(";")}<msg>`;
    case "<ded>": {
      const [, program = "", input = ""] = /^<ded>([\s\S]*)<in>(.*)<out>/.exec(prompt) ?? [];
      const answer = right ? runProgram(program, input) : rng.below(100);
      return `${prompt.endsWith("<think>") ? "" : rng.next() < 0.5 ? "<think>\n x" : ""}<ans>${answer}`;
    }
    case "<abd>": {
      const [, program = "", output = ""] = /^<abd>([\s\S]*)<out>(.*)<in>/.exec(prompt) ?? [];
      const found = Array.from({ length: 60 }, (_, x) => String(x)).find((x) => runProgram(program, x) === output);
      return `<ans>${right ? found : rng.below(100)}`;
    }
    default:
      return right ? "<ans>def f(x):\n return x+1" : "<ans>def f(x)";
  }
};

function randomProgram(rng: Rng): string {
  const lines = Array.from({ length: rng.below(3) }, () => `\n x=x${"+-"[rng.below(2)]}${1 + rng.below(9)}`);
  return `def f(x):${lines.join("")}\n return x+${1 + rng.below(9)}`;
}

/** Everything a generator yields, and what it returns. */
export async function drain<E, T>(generator: AsyncGenerator<E, T>): Promise<{ events: E[]; result: T }> {
  const events: E[] = [];
  let next = await generator.next();
  while (!next.done) {
    events.push(next.value);
    next = await generator.next();
  }
  return { events, result: next.value };
}
