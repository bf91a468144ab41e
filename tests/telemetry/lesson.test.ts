import { describe, expect, it } from "vitest";
import { lessonOf } from "../../src/telemetry/lesson";
import { logText } from "../../src/telemetry/log";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { liveAdvantage, liveLearnability, liveTerm } from "../../src/ui/learn/live";
import { scriptedRun } from "../ui/scripted-run";

const events = readRecording(logText(scriptedRun({ seed: 5, steps: 4, proposals: 5, rollouts: 4 })));
const lesson = lessonOf(events);

describe("the lesson of a log", () => {
  it("is a few of its events, in order", () => {
    expect(lesson.length).toBeLessThan(events.length / 10);
    const places = lesson.map((event) => events.indexOf(event));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(places[0]).toBe(0);
  });

  it("gives the formulas the numbers that the whole log gives them", () => {
    const [told, whole] = [replayState(lesson), replayState(events)];
    for (const live of [liveAdvantage, liveTerm]) {
      expect(live(told)).not.toBeNull();
      expect(live(told)).toEqual(live(whole));
    }
    expect(liveLearnability(told)?.from).toMatch(/^a \w+ task proposed in step \d$/);
  });

  it("is empty where rewards never differed", () => {
    const silent = events.map((event) =>
      event.type === "credit.group" ? { ...event, credit: { ...event.credit, deviation: 0 } } : event,
    );
    expect(lessonOf(silent)).toEqual([]);
  });
});
