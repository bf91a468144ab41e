import { groupRelative } from "../../src/advantage/advantage";
import { COMPLETION_LENGTH, type Method, type MethodConfig, type PhaseInfo, UPDATE } from "../../src/contracts";
import { policyGradient, policyLesson } from "../../src/methods/lesson";
import { phase } from "../../src/rollout/phase";
import { rollout } from "../../src/rollout/rollout";

interface ToyConfig extends MethodConfig {
  readonly samples: number;
  readonly learningRate: number;
}

const WRITE: PhaseInfo = {
  ...{ name: "write", work: "writing", title: "Write", heading: "The model writes" },
  note: "The model continues an empty function.[ It has written {samples:continuation}.]",
  caption: "It writes[: {samples} so far].",
};
const COUNT: PhaseInfo = {
  ...{ name: "count", work: "comparing", title: "Count", heading: "Lengths are compared" },
  note: "Shorter than the mean of its group is better.[ The largest surprise: {surprise}.]",
  caption: "Shorter is better.",
};

/** Learns to be brief: every token costs, whatever it says. */
export const toy: Method<ToyConfig> = {
  name: "toy",
  title: "Brevity",
  summary: "A policy that is paid for writing little; an example of a method in one file.",
  defaults: { samples: 8, learningRate: 1e-4 },
  describe: { samples: "Continuations per step; they share one baseline.", learningRate: "Constant learning rate." },
  presets: { small: { samples: 4 } },
  phases: [WRITE, COUNT, UPDATE],
  gauges: [{ ...COMPLETION_LENGTH, metric: "length/writer", split: undefined, term: "brevity" }],
  words: { brevity: { title: "Brevity", text: "Saying little. Here every {token} costs the same." } },
  stage: "text",
  needs: () => ({}),
  async *prepare() {},
  async *collect({ policy, config, rng, index }) {
    const text = "def f(x):\n ";
    const tokens = policy.tokenizer.encode(text);
    const prompt = { id: `${index}/write`, kind: "writer", text, tokens, maxNewTokens: 40 };
    const draws = [{ prompt, samples: config.samples, purpose: "train" as const }];
    const groups = yield* phase("write", rollout(policy, draws, { temperature: 1, rng }));
    for (const sample of groups.flatMap(({ samples }) => samples)) {
      sample.reward = -sample.tokens.length;
      yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
    }
    yield* phase("count", groupRelative(groups));
    return [policyLesson(groups, policyGradient({}), config.learningRate, "drawn")];
  },
};
