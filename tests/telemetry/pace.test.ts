import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { PaceControl } from "../../src/telemetry/pace";

const at = (step: number) => ({ step, ms: 0 });
const events: TrainEvent[] = [0, 1].flatMap((step): TrainEvent[] => [
  { type: "phase.start", phase: "solve", ...at(step) },
  { type: "phase.end", phase: "solve", ...at(step) },
  { type: "phase.start", phase: "update", ...at(step) },
  { type: "phase.end", phase: "update", ...at(step) },
  { type: "step.end", metrics: {}, timings: {}, ...at(step) },
]);

/** A consumer like the trainer's: it asks for events as long as the pace lets it. */
class Consumer {
  readonly seen: TrainEvent[] = [];
  readonly log: string[] = [];
  readonly pace = new PaceControl(
    (step) => this.log.push(`paused ${step}`),
    () => this.log.push("running"),
  );
  done = false;

  async run(): Promise<void> {
    for (const event of events) {
      this.seen.push(event);
      if (!(await this.pace.after(event))) break;
    }
    this.done = true;
  }

  /** Long enough for everything that may happen to have happened. */
  async settle(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return this.seen.length;
  }
}

describe("PaceControl", () => {
  it("lets a run go through", async () => {
    const consumer = new Consumer();
    await consumer.run();
    expect(consumer.seen).toEqual(events);
    expect(consumer.log).toEqual([]);
  });

  it("holds after the next event when told to pause, and asks for nothing more", async () => {
    const consumer = new Consumer();
    consumer.pace.set("pause");
    void consumer.run();
    expect(await consumer.settle()).toBe(1);
    expect(await consumer.settle()).toBe(1);
    expect(consumer.log).toEqual(["paused 0"]);
    consumer.pace.set("run");
    await consumer.settle();
    expect(consumer.done).toBe(true);
    expect(consumer.log).toEqual(["paused 0", "running"]);
  });

  it("goes on to the end of each phase; of the last one, to its figures", async () => {
    const consumer = new Consumer();
    consumer.pace.set("phase");
    void consumer.run();
    const ends: number[] = [];
    for (let stop = 0; stop < 4; stop++) {
      ends.push(await consumer.settle());
      consumer.pace.set("phase");
    }
    expect(ends).toEqual([2, 5, 7, 10]);
  });

  it("does not stop in what comes before the first step", async () => {
    const rested: number[] = [];
    const pace = new PaceControl(
      (step) => rested.push(step),
      () => {},
    );
    pace.set("phase");
    await pace.after({ type: "phase.end", phase: "propose", step: -1 });
    void pace.after({ type: "phase.end", phase: "propose", step: 0 });
    expect(rested).toEqual([0]);
    pace.stop();
  });

  it("can be sent on by whoever hears that it rests", async () => {
    let rests = 0;
    const pace: PaceControl = new PaceControl(
      () => {
        rests += 1;
        pace.set("run");
      },
      () => {},
    );
    pace.set("pause");
    expect(await pace.after({ type: "phase.end", step: 0 })).toBe(true);
    expect(rests).toBe(1);
  });

  it("takes a skipped step for an ended one", () => {
    const rested: number[] = [];
    const pace = new PaceControl(
      (step) => rested.push(step),
      () => {},
    );
    pace.set("step");
    void pace.after({ type: "step.skip", step: 3 });
    expect(rested).toEqual([3]);
    pace.stop();
  });

  it("goes on to the end of the step", async () => {
    const consumer = new Consumer();
    consumer.pace.set("step");
    void consumer.run();
    expect(await consumer.settle()).toBe(5);
    expect(consumer.log).toEqual(["paused 0"]);
  });

  it("ends a run that rests, and one that moves", async () => {
    const resting = new Consumer();
    resting.pace.set("pause");
    void resting.run();
    await resting.settle();
    resting.pace.stop();
    await resting.settle();
    expect([resting.done, resting.seen.length, resting.pace.wasStopped]).toEqual([true, 1, true]);
    const moving = new Consumer();
    moving.pace.stop();
    await moving.run();
    expect(moving.seen).toHaveLength(1);
  });

  it("lets messages in while events come without a wait", async () => {
    const pace = new PaceControl(
      () => {},
      () => {},
    );
    let arrived = false;
    setTimeout(() => {
      arrived = true;
    });
    const until = performance.now() + 500;
    while (!arrived && performance.now() < until) await pace.after({ type: "live.tokens", step: 0 });
    expect(arrived).toBe(true);
  });
});
