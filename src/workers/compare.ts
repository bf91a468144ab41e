/** Samples several policies on one prompt, with the same random numbers and the same verifier. */
import type {
  CompareRequest,
  Comparison,
  ExportedComparison,
  Group,
  JudgedSample,
  Policy,
  SampleView,
  Task,
  Verifier,
} from "../contracts";
import { exportOnnx } from "../export/decoder";
import type { LoadedModel } from "../model/engine";
import { finish, gather } from "../rollout/phase";
import { createRng } from "../rollout/rng";
import { rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { solverPrompt } from "../tasks/prompts";

/** Most samples drawn at once: people read them one by one. */
export const MOST_SAMPLES = 64;

/** Samples of one policy for a request. The random numbers depend on the seed alone, so that policies can be compared. */
export async function sampleTask(policy: Policy, verifier: Verifier, request: CompareRequest): Promise<JudgedSample[]> {
  const samples = Math.max(1, Math.min(MOST_SAMPLES, Math.round(request.samples)));
  const prompt = solverPrompt(policy, "compare", request.task);
  const rng = createRng(request.seed);
  const options = { ...request.cut, temperature: Math.max(0, request.temperature), rng };
  const draws = [{ prompt, samples, purpose: "evaluate" as const }];
  const { events, result: groups } = await gather(rollout(policy, draws, options));
  await finish(new Judging(verifier).settle(groups));
  const views = events.flatMap((event) => (event.type === "rollout.sample" ? [event.sample] : []));
  return views.map((view, index) => judged(view, groups, index));
}

/** Base and trained policy on one prompt. */
export async function comparePolicies(
  { base, trained, steps }: { base: Policy; trained: Policy; steps: number },
  verifier: Verifier,
  request: CompareRequest,
): Promise<Comparison> {
  return {
    prompt: solverPrompt(trained, "compare", request.task).text,
    base: await sampleTask(base, verifier, request),
    trained: await sampleTask(trained, verifier, request),
    steps,
  };
}

/** The current weights, exported as ONNX and run by ONNX Runtime, beside our engine; both greedy. */
export async function compareExported(
  model: LoadedModel,
  verifier: Verifier,
  { task, steps }: { task: Task; steps: number },
): Promise<ExportedComparison> {
  const parts = exportOnnx(model.config, await model.tensors());
  // The runtime is fourteen megabytes, and most visits never need it.
  const { OnnxPolicy } = await import("./onnx");
  const exported = await OnnxPolicy.open(parts, model.config, model);
  try {
    const request = { task, seed: 0, samples: 1, temperature: 0 };
    const [theirs] = await sampleTask(exported, verifier, request);
    const [ours] = await sampleTask(model, verifier, request);
    if (!theirs || !ours) throw new Error("compare: no sample came back");
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    return { exported: theirs, ours, bytes, steps };
  } finally {
    await exported.close();
  }
}

function judged(view: SampleView, groups: readonly Group[], index: number): JudgedSample {
  const verdict = groups[0]?.samples[index]?.verdict;
  if (!verdict) throw new Error(`compare: sample ${view.id} was not judged`);
  return { ...view, verdict };
}
