import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { logText } from "../../src/telemetry/log";
import { readRecording } from "../../src/telemetry/replay";
import { TaskBook } from "../../src/telemetry/task-book";
import { scriptedRun, taskBookOf } from "../ui/scripted-run";

const events = [...scriptedRun({ seed: 5, steps: 4, proposals: 3, rollouts: 6 })];
const logged = readRecording(logText(events));
const samplesOf = (log: readonly TrainEvent[]) => log.filter((event) => event.type === "rollout.sample");

describe("TaskBook", () => {
  it("holds every task once, in order of arrival, with the solve rate it was rated at", () => {
    const book = taskBookOf(events);
    const added = events.flatMap((event) => (event.type === "task.add" ? [event.task.id] : []));
    expect(book.records.map(({ task }) => task.id)).toEqual(added);
    expect(book.records.map(({ index }) => index)).toEqual(added.map((_, index) => index));
    const rated = events.flatMap((event) =>
      event.type === "reward.proposal" ? [[event.sampleId, event.solveRate]] : [],
    );
    expect(book.records.map(({ task, solveRate }) => [task.id, solveRate])).toEqual(rated);
  });

  it("counts judged and right answers, and those trained on", () => {
    const book = taskBookOf(events);
    for (const { task, judged, right, used, attempts } of book.records) {
      const own = samplesOf(events).filter(({ prompt }) => prompt.task?.id === task.id);
      const ids = new Set(own.map(({ sample }) => sample.id));
      const verdicts = events.flatMap((event) =>
        event.type === "verify.verdict" && ids.has(event.sampleId) ? [event.verdict.verdict] : [],
      );
      expect(judged).toBe(verdicts.length);
      expect(right).toBe(verdicts.filter((verdict) => verdict === "CORRECT").length);
      expect(used).toBe(own.filter(({ purpose }) => purpose === "train").length);
      expect(attempts.map(({ sampleId }) => sampleId)).toEqual([...ids]);
      expect(attempts.every(({ verdict }) => verdict !== null)).toBe(true);
    }
  });

  it("is the same from the live stream and from its log, and begins anew with each run", () => {
    expect(taskBookOf(logged).records).toEqual(taskBookOf(events).records);
    expect(taskBookOf([...events, ...logged]).records).toEqual(taskBookOf(logged).records);
  });

  it("catches up with a past that it was given, when it is looked at", () => {
    const half = Math.floor(logged.length / 2);
    const book = taskBookOf(events.slice(0, 40));
    book.restart(logged.slice(0, half));
    for (const event of logged.slice(half)) book.see(event);
    expect(book.records).toEqual(taskBookOf(logged).records);
    book.restart();
    expect(book.records).toEqual([]);
  });

  it("takes tasks that come from elsewhere from their prompts, and leaves evaluation out", () => {
    const [sample] = samplesOf(events).filter(({ prompt }) => prompt.task);
    if (!sample) throw new Error("the scripted run has answers");
    const book = new TaskBook();
    book.see({ ...sample, purpose: "evaluate" });
    expect(book.records).toEqual([]);
    book.see({ ...sample, purpose: "train" });
    expect(book.records).toMatchObject([{ task: sample.prompt.task, judged: 0, used: 1 }]);
  });

  it("keeps the latest answers to a task, and all counts", () => {
    const [sample] = samplesOf(events).filter(({ prompt, purpose }) => prompt.task && purpose === "train");
    if (!sample) throw new Error("the scripted run has answers");
    const book = new TaskBook();
    for (let index = 0; index < 100; index++) {
      const id = `again/${index}`;
      book.see({ ...sample, sample: { ...sample.sample, id } });
      book.see({ type: "verify.verdict", sampleId: id, verdict: { verdict: "CORRECT", reason: "" }, step: 0, ms: 0 });
    }
    const [record] = book.records;
    expect(record).toMatchObject({ used: 100, judged: 100, right: 100 });
    expect(record?.attempts.length).toBeLessThan(50);
    expect(record?.attempts.at(-1)?.sampleId).toBe("again/99");
  });
});
