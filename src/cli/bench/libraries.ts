import { largest } from "../../contracts";
import { inChromium } from "./chromium";
import { CONTENDERS, type ContenderName, OWN_ON_CPU, type OwnOnCpu } from "./contender";
import { askInChromium, webGpuFlags } from "./in-chromium";
import { askInNode } from "./in-node";
import type { Answer, Question } from "./measure";
import type { Figure, Section, Settings } from "./section";
import { type Architecture, BATCH, LENGTH, MEDIUM, NEW_TOKENS, SMALL, stepFlops } from "./workload";

type Ask = (contender: ContenderName, work: Question["work"]) => Promise<Answer | string>;

const SIZES = [512, 1024] as const;
/** Batch sizes: one as in a chat, more as in training. */
const SEQUENCES = [1, 8, 64] as const;
const ON_CPU = Object.keys(OWN_ON_CPU) as OwnOnCpu[];
const PEERS = CONTENDERS.filter((name) => name !== "kelvin");
/** The peers that compute where ours on the CPU does. */
const PEERS_ON_CPU: readonly ContenderName[] = ["jax-js-wasm", "tfjs-wasm"];
/** Rows of a decode step of 64 samples, and of a training micro-batch. */
const PRODUCT_ROWS = [64, 1024] as const;

/** Figures of all libraries in Node and in Chromium. Each library runs alone, one after another. */
export const LIBRARY_SECTIONS: readonly Section[] = [
  { name: "matmul in Node", measure: (settings) => matmul(inNode(settings)) },
  { name: "products in Node", measure: (settings) => products(inNode(settings)) },
  { name: "generation in Node", measure: (settings) => generation(inNode(settings)) },
  { name: "training in Node", measure: (settings) => training(inNode(settings)) },
  { name: "matmul in Chromium", measure: (settings) => inBrowser(settings, matmul) },
  { name: "generation in Chromium", measure: (settings) => inBrowser(settings, generation) },
  { name: "training in Chromium", measure: (settings) => inBrowser(settings, training) },
];

function inNode({ adapter, seconds, limitSeconds }: Settings): Ask {
  return (contender, work) => askInNode({ contender, work, seconds }, adapter, limitSeconds);
}

function inBrowser({ adapter, seconds, limitSeconds }: Settings, measure: (ask: Ask) => Promise<Figure[]>) {
  return inChromium(webGpuFlags(adapter), (bench) =>
    measure((contender, work) => askInChromium(bench, { contender, work, seconds }, limitSeconds)),
  );
}

/** GFLOP/s of square float32 products. */
export async function matmul(ask: Ask): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) {
    const rate = ({ milliseconds }: Answer): number => (2 * size ** 3) / milliseconds / 1e6;
    for (const figure of await compared(ask, { matmul: size }, `matmul ${size}`, "GFLOP/s", rate)) figures.push(figure);
  }
  return figures;
}

/** GFLOP/s of one core of ours, plain and relaxed, on the products of the shipped model. */
export async function products(ask: Ask): Promise<Figure[]> {
  const { hidden, intermediate, vocabulary } = SMALL;
  const layers = [
    [hidden, hidden],
    [hidden, intermediate],
    [intermediate, hidden],
    [hidden, vocabulary],
  ] as const;
  const figures: Figure[] = [];
  for (const name of ["kelvin-cpu-1", "kelvin-cpu-relaxed"] as const)
    for (const rows of PRODUCT_ROWS)
      for (const [inputs, outputs] of layers) {
        const answer = await ask(name, { product: { rows, inputs, outputs } });
        const value =
          typeof answer === "string" ? Number.NaN : (2 * rows * inputs * outputs) / answer.milliseconds / 1e6;
        const note = typeof answer === "string" ? { note: answer } : {};
        figures.push({ name: `${rows} × ${inputs} × ${outputs}: ${name}`, value, unit: "GFLOP/s", ...note });
      }
  return figures;
}

/** Tokens per second of a training step, and our arithmetic as a share of our own matmul rate. */
export async function training(ask: Ask): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const architecture of [SMALL, MEDIUM]) {
    const rate = ({ milliseconds }: Answer): number => (BATCH * LENGTH * 1000) / milliseconds;
    const label = `training ${architecture.name}`;
    const compares = await compared(ask, { training: architecture.name }, label, "tokens/s", rate);
    for (const figure of compares) figures.push(figure);
    figures.push(await share(ask, architecture, compares[0]?.value ?? Number.NaN));
  }
  return figures;
}

/** Tokens per second of batched generation, including prompts, and the gain from batching. */
export async function generation(ask: Ask): Promise<Figure[]> {
  const figures: Figure[] = [];
  const own: number[] = [];
  for (const sequences of SEQUENCES) {
    const rate = ({ milliseconds }: Answer): number => (sequences * NEW_TOKENS * 1000) / milliseconds;
    const label = `generation ${SMALL.name}, ${sequences} at a time`;
    const compares = await compared(ask, { generation: SMALL.name, sequences }, label, "tokens/s", rate);
    own.push(compares[0]?.value ?? Number.NaN);
    for (const figure of compares) figures.push(figure);
  }
  const gain = (own.at(-1) ?? Number.NaN) / (own[0] ?? Number.NaN);
  return [...figures, { name: `generation ${SMALL.name}: kelvin, 64 at a time / 1`, value: gain, unit: "×" }];
}

/** Our step's arithmetic per second against that of a 1024³ product of ours. */
async function share(ask: Ask, architecture: Architecture, tokensPerSecond: number): Promise<Figure> {
  const product = await ask("kelvin", { matmul: 1024 });
  const reference = typeof product === "string" ? Number.NaN : (2 * 1024 ** 3) / product.milliseconds;
  const own = (stepFlops(architecture) * tokensPerSecond) / (BATCH * LENGTH) / 1000;
  return { name: `training ${architecture.name}: share of kelvin's matmul`, value: (100 * own) / reference, unit: "%" };
}

/** Every library's figure, ours first, on a GPU and on the CPU, then ours divided by the fastest other one, and what workers gain. */
async function compared(
  ask: Ask,
  work: Question["work"],
  label: string,
  unit: string,
  rate: (answer: Answer) => number,
): Promise<Figure[]> {
  const own = await ask("kelvin", work);
  const figures = [figure("kelvin", own, own)];
  // A product runs on one worker.
  const onCpu = "matmul" in work ? ON_CPU.slice(0, 1) : ON_CPU;
  for (const name of onCpu) figures.push(figure(name, await ask(name, work), own));
  const [gpu = Number.NaN, ...cpu] = figures.map(({ value }) => value);
  let [fastest, fastestOnCpu] = [0, 0];
  for (const peer of PEERS) {
    const answer = await ask(peer, work);
    const found = figure(peer, answer, own);
    figures.push(found);
    if (PEERS_ON_CPU.includes(peer)) fastestOnCpu = Math.max(fastestOnCpu, found.value || 0);
    else if (found.value > fastest) fastest = found.value;
  }
  const ratio = (name: string, value: number) => ({ name: `${label}: ${name}`, value, unit: "×" });
  const most = cpu.at(-1) ?? Number.NaN;
  return [
    ...figures,
    ratio("kelvin / fastest peer on its device", fastest > 0 ? gpu / fastest : Number.NaN),
    ratio(`${onCpu.at(-1)} / fastest peer on the CPU`, fastestOnCpu > 0 ? most / fastestOnCpu : Number.NaN),
    ratio(`${onCpu.at(-1)} / kelvin`, most / gpu),
    ...(onCpu.length > 1 ? [ratio("kelvin-cpu-2 / kelvin-cpu-1", most / (cpu[0] ?? Number.NaN))] : []),
  ];

  function figure(name: ContenderName, answer: Answer | string, ours: Answer | string): Figure {
    const title = `${label}: ${name}`;
    if (typeof answer === "string") return { name: title, value: Number.NaN, unit, note: answer };
    const notes = [repetitionNote(answer), typeof ours === "string" ? "" : agreementNote(answer.result, ours.result)];
    const note = notes.filter(Boolean).join("; ");
    return { name: title, value: rate(answer), unit, ...(note ? { note } : {}) };
  }
}

function repetitionNote({ firstOnly, repetitions }: Answer): string {
  if (firstOnly) return "one repetition, compilation included";
  if (repetitions >= 3) return "";
  return repetitions === 1 ? "one repetition, after the first" : "two repetitions, after the first";
}

/** Libraries sum in other orders; a wrong product or loss exceeds this by far. */
const AGREEMENT = 1e-3;

/** A note if a library's result differs from ours; "" if they agree. */
export function agreementNote(theirs: readonly number[], ours: readonly number[]): string {
  const scale = largest(ours.map(Math.abs), Number.MIN_VALUE);
  const worst = largest(ours.map((value, i) => Math.abs(value - (theirs[i] ?? Number.NaN)) / scale));
  return worst <= AGREEMENT ? "" : `NOT THE SAME RESULT: ${theirs[0]} where ours is ${ours[0]}`;
}
