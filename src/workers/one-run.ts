/** One run from its first event to its last: paces the loop, records it and reports it to the page. */
import {
  type AskPerson,
  freshState,
  type Needs,
  type PairRow,
  type Reply,
  type RunConfig,
  type Task,
  type TrainEvent,
  type TrainState,
  type Verifier,
} from "../contracts";
import { configure, findMethod } from "../methods";
import type { Engine } from "../model/engine";
import { blobFile } from "../model/source";
// With the loop, so that no checkpoint has to wait for a network.
import "../model/state-file";
import { parseKernels } from "../ops/kernels";
import { workedPair } from "../tasks/given";
import { heldOutSet } from "../tasks/held-out";
import { demandPrograms } from "../tasks/prompts";
import type { PaceControl } from "../telemetry/pace";
import { readRecording } from "../telemetry/replay";
import { train, type World } from "../train";
import { Dismissed } from "./chooser";
import type { Interludes } from "./interludes";
import { demandModel, infoOf, type Prepared, refresh } from "./prepare";
import { probeOf, probeSuite } from "./probe";
import { Recorder } from "./recorder";

/** Loaded with the first resumed run. */
const reading = () => import("../storage/resumable");

/** Everything that one run uses. */
export interface RunParts {
  readonly config: RunConfig;
  readonly name: string;
  /** Id of the stored run to resume. */
  readonly resume: string | undefined;
  readonly prepared: Prepared;
  readonly engine: Engine;
  readonly verifier: Verifier;
  /** The visitor's own tasks. */
  readonly probe: readonly Task[];
  /** The visitor's own examples, for a method that learns from examples; a resumed run has them in its memory. */
  readonly pairs: readonly PairRow[];
  readonly interludes: Interludes;
  /** For methods that learn from the visitor. */
  readonly person: AskPerson;
}

/** Runs to the end, or until stopped. @throws the error that ended it, after it was reported and recorded */
export async function follow(parts: RunParts, pace: PaceControl, post: (reply: Reply) => void): Promise<void> {
  const { name, prepared, engine } = parts;
  const resumed = parts.resume === undefined ? null : await (await reading()).readResumable(parts.resume);
  const config = resumed?.saved.run ?? parts.config;
  demandModel(prepared, config, resumed?.earlier.about.model ?? null);
  for (const message of resumed?.notices ?? []) post({ type: "notice", message, hint: "" });
  const method = findMethod(config.method);
  const settings = configure(method, config.overrides);
  const history = resumed ? readRecording(resumed.earlier.log) : [];
  // Kernels are chosen when a model is loaded, so it must be loaded again.
  if (await repeatKernels(engine, history[0])) prepared.trained = true;
  const needs = method.needs(settings);
  const withReference = needs.reference === true;
  const model = await refresh(prepared, engine, config, withReference);
  demandPrograms(method, model);
  const state = resumed?.saved.state ?? freshState();
  const probe = probeOf(state, parts.probe);
  const world = await worldOf({ ...parts, probe }, pace, needs);
  // Copy the reference before a checkpoint's weights replace the base.
  if (resumed) await model.importState(blobFile("engine.bin", resumed.engine));
  prepared.trained = true;
  prepared.steps = state.step;
  const recorder = new Recorder({ run: config, name, state, model, files: prepared.files, resumed }, post);
  await recorder.open();
  tellHistory(history, post);
  pace.whileResting = () => recorder.rest();
  engine.device.gate = () => pace.within(state.step);
  const events = train(method, settings, config, world, state);
  try {
    const isDone = await tell(events, { ...parts, pace, recorder, post, state });
    await recorder.close(isDone ? "done" : "kept");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const event: TrainEvent = { type: "run.end", reason: "failed", step: state.step, ms: state.elapsed, message };
    post({ type: "event", event });
    await recorder.see(event);
    await recorder.close("failed");
    throw error;
  } finally {
    engine.device.gate = async () => {};
  }
}

interface Telling extends Pick<RunParts, "prepared" | "interludes"> {
  readonly pace: PaceControl;
  readonly recorder: Recorder;
  readonly state: TrainState;
  readonly post: (reply: Reply) => void;
}

/** Sends every event to the page and the log, at the requested pace. @returns whether the run went to its end */
async function tell(events: AsyncIterable<TrainEvent>, telling: Telling): Promise<boolean> {
  const { pace, recorder, state, post } = telling;
  let ms = state.elapsed;
  let isDone = false;
  try {
    for await (const event of events) {
      post({ type: "event", event });
      await recorder.see(event);
      if (event.type !== "run.start") ms = event.ms;
      isDone ||= event.type === "run.end" && event.reason === "done";
      if (!(await moveOn(event, telling))) break;
    }
  } catch (error) {
    if (!(error instanceof Dismissed)) throw error;
  }
  if (isDone || !pace.wasStopped) return isDone;
  const event: TrainEvent = { type: "run.end", reason: "stopped", step: state.step, ms };
  post({ type: "event", event });
  await recorder.see(event);
  return false;
}

/** Waits until the next event is wanted. Other work may use the model if a step has just ended. */
async function moveOn(event: TrainEvent, { prepared, interludes, pace }: Telling): Promise<boolean> {
  if (event.type !== "step.end" && event.type !== "step.skip") return pace.after(event);
  prepared.steps = event.step + 1;
  await interludes.begin();
  const goesOn = await pace.after(event);
  await interludes.end();
  return goesOn;
}

/** Sends the history, from which the page rebuilds the run's state; one message per step, so that no task on the page is long. */
function tellHistory(history: readonly TrainEvent[], post: (reply: Reply) => void): void {
  let events: TrainEvent[] = [];
  for (const event of history) {
    events.push(event);
    if (event.type !== "step.end" && event.type !== "step.skip") continue;
    post({ type: "history", events });
    events = [];
  }
  if (events.length > 0) post({ type: "history", events });
}

/** Selects the kernels that a resumed run started with. @returns whether they differ from the current ones */
async function repeatKernels(engine: Engine, start: TrainEvent | undefined): Promise<boolean> {
  if (start?.type !== "run.start") return false;
  const recorded = parseKernels(start.kernels);
  return recorded !== null && engine.repeatKernels(recorded);
}

async function worldOf(parts: RunParts, pace: PaceControl, needs: Needs): Promise<World> {
  const { prepared, engine, verifier, probe, pairs, person } = parts;
  const { model, examples } = prepared;
  const reference = needs.reference === true ? await model.freezeReference() : undefined;
  const rollBack = needs.rollBack === true ? await model.keepState() : undefined;
  // The reference is the initial policy, so Compare uses the same copy.
  if (reference) prepared.base = reference;
  const suites = [...prepared.suites, ...probeSuite(model, probe)];
  return {
    policy: model,
    learner: model,
    verifier,
    person,
    // On a software adapter every suite costs as much as several steps.
    suites: engine.info.software ? suites.filter(({ probe }, index) => probe || index === 0) : suites,
    heldOut: heldOutSet(suites.flatMap(({ tasks }) => tasks)),
    seedTasks: examples,
    ...(pairs.length > 0 && { pairs: pairs.map((row, index) => workedPair(row, index + 1)) }),
    model: infoOf(prepared),
    device: engine.info.description,
    kernels: engine.kernels,
    now: () => performance.now() - pace.restedWithin,
    ...(reference ? { reference } : {}),
    ...(rollBack && { rollBack }),
  };
}
