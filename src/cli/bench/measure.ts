import {
  type Contender,
  type ContenderName,
  loadContender,
  type MakeThreads,
  type ProductShape,
  type Work,
} from "./contender";
import { LARGE, MEDIUM, SMALL } from "./workload";

/** One measurement of one library, as sent to the process or page that runs it. */
export interface Question {
  readonly contender: ContenderName;
  readonly work:
    | { readonly matmul: number }
    | { readonly product: ProductShape }
    | { readonly training: string }
    | { readonly generation: string; readonly sequences: number };
  /** How long to repeat. Work that takes longer is repeated once, or not at all. */
  readonly seconds: number;
}

/** The result of a measurement. */
export interface Answer {
  /** The adapter that the library uses. */
  readonly device: string;
  /** Median of one repetition. */
  readonly milliseconds: number;
  readonly repetitions: number;
  /** Only the first repetition was done, and it includes compilation: the library's real speed is higher. */
  readonly firstOnly: boolean;
  readonly result: readonly number[];
}

/** Maximum number of timed stretches. */
const MOST_STRETCHES = 25;
/** A shorter stretch mostly measures waiting for the device. */
const STRETCH_MS = 150;

/** Runs the measurement in this process. A string is the reason why this library cannot. */
export async function measure(
  { contender: name, work, seconds }: Question,
  threads: MakeThreads,
): Promise<Answer | string> {
  const contender = await loadContender(name, threads);
  const device = await contender.open();
  const made = await prepare(contender, work);
  if (typeof made === "string") return made;
  return { device, ...(await repeated(made, seconds * 1000)) };
}

function prepare(contender: Contender, work: Question["work"]): Promise<Work | string> {
  if ("matmul" in work) return contender.matmul(work.matmul);
  if ("product" in work)
    return contender.product?.(work.product) ?? Promise.resolve("only ours is asked for this shape");
  if ("training" in work) return contender.training(named(work.training));
  return contender.generation(named(work.generation), work.sequences);
}

function named(name: string) {
  const architecture = [SMALL, MEDIUM, LARGE].find((one) => one.name === name);
  if (!architecture) throw new Error(`no architecture ${name}`);
  return architecture;
}

/** A second repetition runs if the first took at most this many times the limit. */
const PATIENCE = 4;

/** The first repetition compiles and is not counted, unless it alone took many times the limit. */
export async function repeated(work: Work, limitMs: number): Promise<Omit<Answer, "device">> {
  const first = await timed(() => work.run(1));
  const result = Array.from(await work.result());
  if (first > PATIENCE * limitMs) return { milliseconds: first, repetitions: 1, firstOnly: true, result };
  const second = await timed(() => work.run(1));
  const times = Math.max(1, Math.round(STRETCH_MS / second));
  const stretches: number[] = times === 1 ? [second] : [];
  let spent = second;
  while (spent < limitMs && stretches.length < MOST_STRETCHES) {
    const elapsed = await timed(() => work.run(times));
    spent += elapsed;
    stretches.push(elapsed / times);
  }
  stretches.sort((a, b) => a - b);
  const milliseconds = stretches[stretches.length >> 1] ?? second;
  return { milliseconds, repetitions: Math.max(1, stretches.length * times), firstOnly: false, result };
}

async function timed(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}
