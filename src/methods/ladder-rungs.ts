/** The rungs of LADDER: tasks by their number of statements, opened one after another as they are solved. */
import type { Group, Json, Rng, Task } from "../contracts";
import { drawWithout } from "../rollout/rng";
import type { Order } from "./ladder";

/** Weight of earlier steps in a rung's solve rate. */
const INERTIA = 0.6;
/** Solve rate of the highest open rung at which the next one opens. */
const OPENS_AT = 0.6;
/** A rung with fewer tasks is passed over: its rate says little. */
const FEWEST_TASKS = 4;

/** The highest open rung, and the moving solve rate of each rung that was tried. */
export interface Climb {
  readonly open: number;
  readonly rates: Readonly<Record<string, number>>;
}

/** The rungs that have tasks, lowest first. The highest always counts: the roots are on it. */
export function rungsOf(tasks: readonly Task[]): number[] {
  const counts = new Map<number, number>();
  for (const { statements } of tasks) counts.set(statements, (counts.get(statements) ?? 0) + 1);
  const all = [...counts.keys()].sort((a, b) => a - b);
  return all.filter((rung) => rung === all.at(-1) || (counts.get(rung) ?? 0) >= FEWEST_TASKS);
}

export function readClimb(memory: ReadonlyMap<string, Json>, tasks: readonly Task[]): Climb {
  // The cast is safe: only `storeClimb` and a checkpoint of the same method write the key.
  return (memory.get("climb") as unknown as Climb | undefined) ?? { open: rungsOf(tasks)[0] ?? 0, rates: {} };
}

export function storeClimb(memory: Map<string, Json>, climb: Climb): void {
  memory.set("climb", climb as unknown as Json);
}

/** Half of the tasks from the open rung and half from below; or, mixed, from all. */
export function drawRungs(tasks: readonly Task[], climb: Climb, order: Order, count: number, rng: Rng): Task[] {
  if (order === "mixed") return drawWithout(rng, tasks, count);
  const open = tasks.filter(({ statements }) => statements === climb.open);
  const below = tasks.filter(({ statements }) => statements < climb.open);
  const lower = drawWithout(rng.child("below"), below, Math.floor(count / 2));
  return [...drawWithout(rng.child("open"), open, count - lower.length), ...lower];
}

/** The climb after these answers. `solved` says whether a sample counts. */
export function climbed(
  climb: Climb,
  tasks: readonly Task[],
  groups: readonly Group[],
  solved: (group: Group, sample: Group["samples"][number]) => boolean,
): Climb {
  const rates = { ...climb.rates };
  for (const [rung, rate] of ratesOf(groups, solved)) {
    const before = rates[rung];
    rates[rung] = before === undefined ? rate : INERTIA * before + (1 - INERTIA) * rate;
  }
  const next = rungsOf(tasks).find((rung) => rung > climb.open);
  const isSolved = (rates[climb.open] ?? 0) >= OPENS_AT;
  return { open: isSolved && next !== undefined ? next : climb.open, rates };
}

function ratesOf(groups: readonly Group[], solved: Parameters<typeof climbed>[3]): Map<number, number> {
  const tally = new Map<number, { held: number; of: number }>();
  for (const group of groups) {
    const rung = group.prompt.task?.statements ?? 0;
    const one = tally.get(rung) ?? { held: 0, of: 0 };
    one.of += group.samples.length;
    one.held += group.samples.filter((sample) => solved(group, sample)).length;
    tally.set(rung, one);
  }
  return new Map([...tally].map(([rung, { held, of }]) => [rung, held / Math.max(1, of)]));
}
