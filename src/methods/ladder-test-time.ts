/**
 * LADDER's test-time reinforcement learning: one unsolved root after another, each with its own tree and its own weights, which
 * are rolled back before the next. arXiv 2503.00735 §3.3.
 */

import { type Group, type Json, KelvinError, type Measure, type Sample, type Step, type Task } from "../contracts";
import { finish } from "../rollout/phase";
import type { Draw } from "../rollout/rollout";
import { rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { solverPrompt, tracePrompt } from "../tasks/prompts";

/** Most variants of a root that are practised. */
const MOST_VARIANTS = 200;
/** Answers to the root in each step, which nothing learns from. */
export const ROOT_SAMPLES = 8;

/** Whether an answer counts. */
export type Solved = (group: Group, sample: Sample) => boolean;

/** What became of a root. */
interface Outcome {
  /** Right greedily after its last update; null until then. */
  readonly end: boolean | null;
  /** Right in any answer of any step: who counts this has a verifier at hand. */
  readonly ever: boolean;
  /** Right in any of as many answers of the untrained policy. */
  readonly direct: boolean;
}

type Tested = Pick<Step, "policy" | "verifier" | "rng">;

/** The greedy answers to these tasks, after a forced `<think>` if they can be worked out. */
export async function greedily({ policy, verifier, rng }: Tested, tasks: readonly Task[]): Promise<Group[]> {
  const draws = tasks.map((task): Draw => {
    const asked = solverPrompt(policy, `greedy/${task.id}`, task);
    const prompt = task.type === "integration" ? asked : tracePrompt(policy, asked);
    return { prompt, samples: 1, purpose: "evaluate" };
  });
  const groups = await finish(rollout(policy, draws, { temperature: 0, rng }));
  await finish(new Judging(verifier).settle(groups));
  return groups;
}

/** Whether all answers of these groups count, group by group. */
export function solvedOnes(groups: readonly Group[], solved: Solved): boolean[] {
  return groups.map((group) => group.samples.every((sample) => solved(group, sample)));
}

/** The roots of a run, each in its turn. */
export class TestTime {
  /** @param stepsPerRoot updates on each */
  constructor(
    private readonly step: Tested & Pick<Step, "memory" | "index" | "rollBack">,
    private readonly roots: readonly Task[],
    private readonly stepsPerRoot: number,
    private readonly solved: Solved,
  ) {}

  /** The root of this step; null when all had their turn. */
  get root(): Task | null {
    return this.roots[Math.floor(this.step.index / this.stepsPerRoot)] ?? null;
  }

  /** Before a root's first step: the last root's end is measured, the weights are rolled back, and the base tries this one. */
  async turn(): Promise<void> {
    const { index, rollBack } = this.step;
    if (index % this.stepsPerRoot !== 0) return;
    await this.close();
    if (!rollBack)
      throw new KelvinError("internal", "ladder: weights cannot be rolled back", "needs must say rollBack");
    await rollBack();
    const { root } = this;
    if (!root) return;
    const direct = await this.isEver(root, `direct/${root.id}`, ROOT_SAMPLES * this.stepsPerRoot);
    this.note(root, { end: null, ever: false, direct });
  }

  /** Measures the end of the root whose updates are over, if there is one. */
  async close(): Promise<void> {
    const open = this.roots.find(({ id }) => this.outcomes[id]?.end === null);
    if (!open) return;
    const [end = false] = solvedOnes(await greedily(this.step, [open]), this.solved);
    const before = this.outcomes[open.id] as Outcome;
    this.note(open, { ...before, end, ever: before.ever || end });
  }

  /** Whether any of some answers to the root is right. */
  private async isEver(root: Task, id: string, samples: number): Promise<boolean> {
    const { policy, verifier, rng } = this.step;
    const draw: Draw = { prompt: solverPrompt(policy, id, root), samples, purpose: "evaluate" };
    const groups = await finish(rollout(policy, [draw], { temperature: 1, rng }));
    await finish(new Judging(verifier).settle(groups));
    return groups.some((group) => group.samples.some((sample) => this.solved(group, sample)));
  }

  /** Answers to the root in this step; they are looked at and not learned from. */
  async look(root: Task): Promise<void> {
    const before = this.outcomes[root.id];
    if (!before || before.ever) return;
    const ever = await this.isEver(root, `${this.step.index}/root`, ROOT_SAMPLES);
    this.note(root, { ...before, ever });
  }

  /** Shares over the roots that had their turn. */
  measures(): Measure[] {
    const over = Object.values(this.outcomes).filter(({ end }) => end !== null);
    const share = (name: string, holds: (one: Outcome) => boolean | null): Measure => ({
      name: `roots/${name}`,
      value: over.filter(holds).length / Math.max(1, over.length),
      n: over.length,
    });
    if (over.length === 0) return [];
    return [share("end", ({ end }) => end), share("ever", ({ ever }) => ever), share("direct", ({ direct }) => direct)];
  }

  private get outcomes(): Readonly<Record<string, Outcome>> {
    // The cast is safe: only `note` and a checkpoint of the same method write the key.
    return (this.step.memory.get("outcomes") ?? {}) as unknown as Readonly<Record<string, Outcome>>;
  }

  private note(root: Task, outcome: Outcome): void {
    this.step.memory.set("outcomes", { ...this.outcomes, [root.id]: outcome } as unknown as Json);
  }
}

/** Tasks of one root's tree that are strictly shorter, so that none is its twin. */
export function shorterVariants(tasks: readonly Task[], root: Task): Task[] {
  const tree = new Set([root.id]);
  // Tasks are stored parents first.
  for (const { id, parent } of tasks) if (parent !== undefined && tree.has(parent)) tree.add(id);
  return tasks.filter(({ id, statements }) => tree.has(id) && statements < root.statements).slice(0, MOST_VARIANTS);
}
