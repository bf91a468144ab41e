import { stepNumber } from "./format";
import { scenesOf } from "./scenes";
import type { Store } from "./store";

/** Minimum time between announcements, so that a screen reader can finish its sentence. */
const EVERY_MS = 5000;

/** One polite sentence about the run: step, phase, how many right. */
export class Announcer {
  text = "";
  private last = Number.NEGATIVE_INFINITY;

  /** The current announcement; it changes at most once every five seconds. `now` in milliseconds. */
  update(store: Store, now: number): string {
    if (now - this.last < EVERY_MS) return this.text;
    const text = sentence(store);
    if (text !== this.text) {
      this.text = text;
      this.last = now;
    }
    return this.text;
  }
}

function sentence(store: Store): string {
  const { run, session } = store;
  const wrong = session.failure ?? store.complaint ?? (run.status === "none" ? session.notice : null);
  if (wrong) return `${wrong.message} ${wrong.hint}`;
  if (run.status === "none") return store.waiting ? "Loading, the run starts by itself." : "";
  if (run.status !== "running") return `Run ${run.status}. ${run.message}`.trim();
  const attempts = scenesOf(store.stageStep).flatMap((scene) => scene.attempts);
  const judged = attempts.filter(({ record }) => record.verdict !== undefined);
  const right = judged.filter(({ record }) => record.verdict?.verdict === "CORRECT").length;
  const counted = judged.length > 0 ? ` ${right} of ${judged.length} attempts right.` : "";
  const phase = run.active ? `, ${run.active.phase}` : "";
  return `${session.motion === "paused" ? "Paused at step" : "Step"} ${stepNumber(run.current.step)}${phase}.${counted}`;
}
