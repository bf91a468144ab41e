/** One run from its first event to its last: the loop, paced, recorded and told to the page. */
import type { Reply, RunConfig, Task, TrainEvent, Verifier } from "../contracts";
import { configure, findMethod } from "../methods";
import type { Engine } from "../model/engine";
import { blobFile } from "../model/source";
import { parseKernels } from "../ops/kernels";
import { heldOutSet } from "../tasks/held-out";
import { parseLog } from "../telemetry/log";
import type { PaceControl } from "../telemetry/pace";
import { freshState, needsReference, type TrainState, train, type World } from "../train";
import type { Interludes } from "./interludes";
import { demandModel, infoOf, type Prepared, refresh } from "./prepare";
import { probeOf, probeSuite } from "./probe";
import { Recorder } from "./recorder";

/** Fetched with the first run that goes on. */
const reading = () => import("../storage/stored");

/** What a run is made of. */
export interface RunParts {
  readonly config: RunConfig;
  readonly name: string;
  /** The kept run to go on with. */
  readonly resume: string | undefined;
  readonly prepared: Prepared;
  readonly engine: Engine;
  readonly verifier: Verifier;
  /** The visitor's own tasks. */
  readonly probe: readonly Task[];
  readonly interludes: Interludes;
}

/** Follows a run to its end, or to where it is stopped. @throws whatever broke it, after it was told and written down */
export async function follow(parts: RunParts, pace: PaceControl, post: (reply: Reply) => void): Promise<void> {
  const { name, prepared, engine } = parts;
  const resumed = parts.resume === undefined ? null : await (await reading()).readResumable(parts.resume);
  const config = resumed?.saved.run ?? parts.config;
  demandModel(prepared, config, resumed?.earlier.about.model ?? null);
  const method = findMethod(config.method);
  const settings = configure(method, config.overrides);
  const history = resumed ? parseLog(resumed.earlier.log) : [];
  // A model holds on to the kernels it was loaded with.
  if (await repeatKernels(engine, history[0])) prepared.trained = true;
  const withReference = needsReference(method.loss(settings));
  const model = await refresh(prepared, engine, config, withReference);
  const state = resumed?.saved.state ?? freshState();
  const probe = probeOf(state, parts.probe);
  const world = await worldOf({ ...parts, probe }, pace, withReference);
  // The reference is frozen before a checkpoint's weights replace the base.
  if (resumed) await model.importState(blobFile("engine.bin", resumed.engine));
  prepared.trained = true;
  prepared.steps = state.step;
  const recorder = new Recorder({ run: config, name, state, model, files: prepared.files, resumed }, post);
  await recorder.open();
  tellHistory(history, post);
  pace.whileResting = () => recorder.rest();
  engine.gpu.gate = () => pace.within(state.step);
  const events = train(method, settings, config, world, state);
  try {
    await tell(events, { ...parts, pace, recorder, post, state });
    await recorder.close(state.step < config.steps ? "kept" : "done");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const event: TrainEvent = { type: "run.end", reason: "failed", step: state.step, ms: state.elapsed, message };
    post({ type: "event", event });
    await recorder.see(event);
    await recorder.close("failed");
    throw error;
  } finally {
    engine.gpu.gate = async () => {};
  }
}

interface Telling extends Pick<RunParts, "prepared" | "interludes"> {
  readonly pace: PaceControl;
  readonly recorder: Recorder;
  readonly state: TrainState;
  readonly post: (reply: Reply) => void;
}

/** Every event goes to the page and into the log, at the pace that is wanted. */
async function tell(events: AsyncIterable<TrainEvent>, telling: Telling): Promise<void> {
  const { pace, recorder, state, post } = telling;
  let ms = state.elapsed;
  for await (const event of events) {
    post({ type: "event", event });
    await recorder.see(event);
    if (event.type !== "run.start") ms = event.ms;
    if (!(await moveOn(event, telling))) break;
  }
  if (!pace.wasStopped) return;
  const event: TrainEvent = { type: "run.end", reason: "stopped", step: state.step, ms };
  post({ type: "event", event });
  await recorder.see(event);
}

/** Waits until the next event is wanted; whoever asked for the model has it while a step has just ended. */
async function moveOn(event: TrainEvent, { prepared, interludes, pace }: Telling): Promise<boolean> {
  if (event.type !== "step.end" && event.type !== "step.skip") return pace.after(event);
  prepared.steps = event.step + 1;
  await interludes.begin();
  const goesOn = await pace.after(event);
  await interludes.end();
  return goesOn;
}

/** The page rebuilds the run's state from its events; a step at a time, so that none of its tasks is long. */
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

/** A run that goes on does so with the kernels it began with. @returns whether those are others than before */
async function repeatKernels(engine: Engine, start: TrainEvent | undefined): Promise<boolean> {
  if (start?.type !== "run.start") return false;
  const recorded = parseKernels(start.kernels);
  return recorded !== null && engine.repeatKernels(recorded);
}

async function worldOf(parts: RunParts, pace: PaceControl, withReference: boolean): Promise<World> {
  const { prepared, engine, verifier, probe } = parts;
  const { model, examples } = prepared;
  const reference = withReference ? await model.freezeReference() : undefined;
  // Frozen before anything was learned, it is also what the trained policy is compared with: one copy serves both.
  if (reference) prepared.base = reference;
  const suites = [...prepared.suites, ...probeSuite(model, probe)];
  return {
    policy: model,
    learner: model,
    verifier,
    // Every suite costs as much as several steps where a processor stands in for the GPU.
    suites: engine.device.software ? suites.filter(({ probe }, index) => probe || index === 0) : suites,
    heldOut: heldOutSet(suites.flatMap(({ tasks }) => tasks)),
    seedTasks: examples,
    model: infoOf(prepared),
    device: engine.device.description,
    kernels: engine.kernels,
    now: () => performance.now() - pace.restedWithin,
    ...(reference ? { reference } : {}),
  };
}
