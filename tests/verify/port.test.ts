import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { KelvinError } from "../../src/contracts";
import type { JailReply, JailRequest } from "../../src/verify/jail-protocol";
import { poolOverPort } from "../../src/verify/port";
import { plainJob, resultOf } from "./jobs";

const LIMITS = { polls: 10, milliseconds: 1000 };
const JOB = plainJob("p");

let channel: MessageChannel;
let requests: JailRequest[];
/** Waits until the frame's end has seen this many requests. */
const seen = (count: number) => vi.waitFor(() => expect(requests).toHaveLength(count));
const say = (reply: JailReply): void => channel.port2.postMessage(reply);

beforeEach(() => {
  channel = new MessageChannel();
  requests = [];
  channel.port2.onmessage = ({ data }: MessageEvent<JailRequest>) => {
    requests.push(data);
    if (data.type === "boot") say({ type: "booted" });
    if (data.type === "dispose") say({ type: "disposed" });
  };
  vi.stubGlobal("navigator", {});
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
  vi.unstubAllGlobals();
});

describe("the trainer's end of the jail", () => {
  it("takes results for an open request, once, and one per job (H65)", async () => {
    const pool = await poolOverPort(channel.port1);
    say({ type: "results", id: 1, results: [resultOf("too early"), resultOf("too early")] });
    // Delivered before anything is open.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const first = pool.run([JOB, JOB], LIMITS);
    await seen(2);
    const run = requests[1] as Extract<JailRequest, { type: "run" }>;
    say({ type: "results", id: run.id + 1, results: [resultOf("guessed"), resultOf("guessed")] });
    say({ type: "results", id: run.id, results: [resultOf("too few")] });
    say({ type: "results", id: run.id, results: [resultOf("a"), resultOf("b")] });
    say({ type: "results", id: run.id, results: [resultOf("late"), resultOf("late")] });
    expect((await first).map(({ detail }) => detail)).toEqual(["a", "b"]);
    const second = pool.run([JOB], LIMITS);
    await seen(3);
    say({ type: "results", id: run.id, results: [resultOf("again")] });
    say({ type: "results", id: run.id + 1, results: [resultOf("c")] });
    expect((await second).map(({ detail }) => detail)).toEqual(["c"]);
    await pool.dispose();
  });

  it("sends programs and inputs, and nothing that is gold", async () => {
    const pool = await poolOverPort(channel.port1);
    void pool.run([JOB], LIMITS);
    await seen(2);
    expect(requests[1]).toEqual({ type: "run", id: expect.any(Number), jobs: [JOB], limits: LIMITS });
  });

  it("says what the frame reports when Python does not start", async () => {
    channel.port2.onmessage = () => say({ type: "failed", message: "the worker did not start" });
    const error = await poolOverPort(channel.port1).catch((thrown: KelvinError) => thrown);
    expect(error).toMatchObject({
      name: "KelvinError",
      reason: "verifier",
      message: "Python stopped: the worker did not start",
      hint: expect.stringContaining("free memory"),
    });
  });

  it.each([
    [2, false],
    [4, false],
    [8, true],
    [undefined, true],
  ])("on a device with %s GB: a spare worker is %s", async (deviceMemory, spare) => {
    vi.stubGlobal("navigator", { deviceMemory });
    const notice = vi.fn();
    await poolOverPort(channel.port1, { notice });
    expect(requests[0]).toMatchObject({ type: "boot", spare });
    expect(notice.mock.calls).toEqual(spare ? [] : [[expect.stringMatching(/^Little memory: one Python .*\.$/)]]);
  });
});
