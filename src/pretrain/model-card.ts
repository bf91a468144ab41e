import { grouped, type Measure, TASK_TYPES, type TaskType } from "../contracts";
import { configJson, vocabulary } from "./architecture";
import type { BaseHabits, FormatFigures } from "./measure";
import {
  ADAM_BETAS,
  ADAM_LEARNING_RATE,
  type Domain,
  FINAL_SHARE,
  MUON_LEARNING_RATE,
  type Recipe,
  WARM_UP_UPDATES,
} from "./schedule";

/** Figures of a finished base model. */
export interface CardFigures extends Recipe {
  readonly parameters: number;
  readonly updates: number;
  /** Planned lengths before the run was lengthened. */
  readonly earlierPlans: readonly number[];
  readonly tokensPerUpdate: number;
  readonly tokens: number;
  readonly seed: number;
  readonly adapters: readonly string[];
  readonly seconds: number;
  /** Mean weighted cross-entropy of the last updates. */
  readonly loss: number;
  /** Results by suite name. */
  readonly suites: ReadonlyMap<string, readonly Measure[]>;
  /** Of a model of programs. */
  readonly habits?: BaseHabits;
  /** Of a model that has learned the later formats. */
  readonly formats?: FormatFigures;
}

/** README.md of the model folder. */
export function modelCard(figures: CardFigures): string {
  const config = configJson(figures);
  const [layers, heads, width, swiglu] = [
    ...[config.num_hidden_layers, config.num_attention_heads, config.hidden_size, config.intermediate_size],
  ];
  return `---
license: mit
pipeline_tag: text-generation
tags: [kelvin, reinforcement-learning, self-play, python]
---

# ${titleOf(figures)}

A base model for reinforcement learning in the browser: ${figures.parameters.toLocaleString("en")} parameters, Llama-shaped (${layers} layers, width ${width},
${heads} heads, SwiGLU ${swiglu}, RMSNorm, RoPE, tied embedding), ${vocabulary(figures).length} tokens, float32. It reads and writes ${figures.domain === "programs" ? "tiny Python functions of one\nvariable" : "sums of terms in one variable\nand their integrals"}. This repository's own engine trained it from nothing:

${commands(figures)}

${ABOUT[figures.domain]}

## Training

${trainingTable(figures)}

${corpusText(figures)}

## Measured

Each cell has greedy accuracy and, in parentheses, accuracy at temperature 1${figures.domain === "programs" ? ", then greedy accuracy with a forced trace" : ""}. There are 400 tasks
per type in distribution, and 300 out of distribution (5 or 6 ${figures.domain === "programs" ? "statements, larger inputs" : "terms, larger coefficients"}). The fresh suites come from another seed and
were used for nothing else.

${accuracyTable(figures)}
${longTable(figures.suites)}${habitTable(figures.habits)}${formatTable(figures.formats)}
## Licence

MIT, like the code that made it. Its training data is generated and carries no rights of others.
`;
}

const ABOUT: Readonly<Record<Domain, string>> = {
  programs: `It has two ways to answer. It prefers a short direct answer. A worked trace is right far more often; self-play discovers that. The
model knows nothing else: no natural language, no numbers above 99.`,
  integrals: `It answers with the antiderivative at once. It also makes an integral easier. The model knows nothing else: no
natural language, no numbers above 99, no other functions than powers of x.`,
};

function corpusText(recipe: Recipe): string {
  if (recipe.domain === "integrals")
    return `The corpus is synthetic: random sums of powers, products and reciprocals with their antiderivatives. It contains no text
written by people. Functions of the suites are excluded from it, whatever the order of their terms.`;
  return `The corpus is synthetic: random programs run by real Python, in six formats (deduction, abduction and induction for the solver, the
same three for the proposer).${moreFormats(recipe)} It contains no text written by people. Test programs are excluded from it: programs of two or more
statements as a whole, programs of one statement with their input.`;
}

function moreFormats({ easy, judge }: Recipe): string {
  const easier = easy > 0 ? " Another format makes a program easier." : "";
  return `${easier}${judge > 0 ? " Four more judge, prefer, criticise and revise." : ""}`;
}

function titleOf({ size, domain, long, judge }: Recipe): string {
  if (domain === "integrals") return "kelvin-nano-integrals";
  if (size === "small") return "kelvin-small";
  if (judge > 0) return "kelvin-nano-judge";
  return long > 0 ? "kelvin-nano 2" : "kelvin-nano";
}

/** The commands that make these weights again: the first run, then each lengthening. */
function commands({
  seed,
  updates,
  earlierPlans,
  tokensPerUpdate,
  size,
  domain,
  long,
  easy,
  judge,
  gaps,
}: CardFigures): string {
  const shares = Object.entries({ long, easy, judge, gaps }).filter(([, share]) => share > 0);
  const recipe = shares.map(([name, share]) => ` --${name} ${share}`).join("");
  const ofSize = `${size === "nano" ? "" : ` --size ${size}`}${domain === "programs" ? "" : ` --domain ${domain}`}`;
  const [first, ...longer] = [...earlierPlans, updates];
  const start = `    npm run pretrain -- --out DIR --seed ${seed} --updates ${first} --tokens-per-update ${tokensPerUpdate}${ofSize}${recipe}`;
  return [start, ...longer.map((plan) => `    npm run pretrain -- --resume DIR --updates ${plan}`)].join("\n");
}

function trainingTable({ updates, tokensPerUpdate, tokens, adapters, seconds, loss }: CardFigures): string {
  const rows = [
    ["updates", `${updates.toLocaleString("en")} of at most ${tokensPerUpdate.toLocaleString("en")} tokens`],
    ["tokens seen", `${(tokens / 1e6).toFixed(1)} million, drawn afresh: no second epoch`],
    [
      "optimizer",
      `Muon on matrices (peak ${MUON_LEARNING_RATE}), Adam(${ADAM_BETAS.join(", ")}) on embedding and gains (peak ${ADAM_LEARNING_RATE})`,
    ],
    ["schedule", `${WARM_UP_UPDATES} updates warm-up, cosine to ${FINAL_SHARE * 100} %, gradient clipped to norm 1`],
    ["adapter", adapters.join(", then ")],
    ["time", `${Math.round(seconds / 60)} minutes`],
    ["final loss", `${loss.toFixed(3)} (weighted cross-entropy, nats per completion token)`],
  ];
  return ["| | |", "|---|---|", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
}

function accuracyTable({ domain, suites }: CardFigures): string {
  const types: readonly TaskType[] = domain === "programs" ? TASK_TYPES : ["integration"];
  const rows = [...suites].map(([name, measures]) => {
    const cells = types.map((type) => accuracyCell(grouped(measures)[type]));
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  return [`| suite | ${types.join(" | ")} |`, `|---|${types.map(() => "---|").join("")}`, ...rows].join("\n");
}

/** Suites of long programs, if any were measured: right, and right with every statement in the trace. */
function longTable(suites: CardFigures["suites"]): string {
  const rows = [...suites].flatMap(([name, measures]) => {
    const { greedy, complete, forcedTrace, forcedComplete } = grouped(measures)["deduction"] ?? {};
    if (complete === undefined || !name.includes("long")) return [];
    const cells = [greedy, complete, forcedTrace, forcedComplete].map((value) => share(value ?? 0));
    return [`| ${name} | ${cells.join(" | ")} |`];
  });
  if (rows.length === 0) return "";
  const head =
    "| long programs, 200 deductions each | greedy | right and complete | forced trace | right and complete |";
  return `\n${[head, "|---|---|---|---|---|", ...rows].join("\n")}\n`;
}

/** The later formats, if they were measured; each figure is a share of greedy completions. */
function formatTable(formats: FormatFigures | undefined): string {
  if (!formats) return "";
  const rows = Object.entries(formats).map(([name, value]) => `| ${name.replace("/", ", ")} | ${share(value)} |`);
  return `\n${["| format, fresh prompts, greedy | share |", "|---|---|", ...rows].join("\n")}\n`;
}

function accuracyCell(rates: Readonly<Record<string, number>> | undefined): string {
  if (!rates) return "not measured";
  const { greedy = 0, sampled = 0, forcedTrace } = rates;
  const forced = forcedTrace === undefined ? "" : `, trace ${share(forcedTrace)}`;
  return `${share(greedy)} (${share(sampled)})${forced}`;
}

function habitTable(habits: BaseHabits | undefined): string {
  if (!habits) return "";
  const head = ["| habit (in-distribution suite) | deduction | abduction | induction |", "|---|---|---|---|"];
  return `\n${[...head, habitRows(habits)].join("\n")}\n`;
}

function habitRows({ direct, think, valid }: BaseHabits): string {
  return [
    `| forced direct answer, greedy | ${share(direct.deduction)} | ${share(direct.abduction)} | always direct |`,
    `| P(\`<think>\`) | ${share(think.deduction)} | ${share(think.abduction)} | never |`,
    `| valid proposals at temperature 1 | ${share(valid.deduction)} | ${share(valid.abduction)} | ${share(valid.induction)} |`,
  ].join("\n");
}

function share(value: number): string {
  return value.toFixed(3);
}
