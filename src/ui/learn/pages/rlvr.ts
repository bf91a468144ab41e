import { ONE_SHOT_LOOP } from "../figures/one-shot-loop";
import { liveAdvantage } from "../live";
import type { Page } from "../page";

const GRPO = "https://arxiv.org/abs/2402.03300";
const DR_GRPO = "https://arxiv.org/abs/2503.20783";
const RLOO = "https://arxiv.org/abs/2402.14740";
const REINFORCE = "https://arxiv.org/abs/2501.03262";
const DAPO = "https://arxiv.org/abs/2503.14476";

export const page: Page = {
  order: 3,
  name: "rlvr",
  method: "rlvr",
  short: "RLVR",
  title: "RLVR: GRPO and its family",
  lead: "Give the model tasks whose answers can be checked, let it answer each several times, and make what was right more likely. Half a dozen papers do this, and they differ in five small places. Here each place is a switch.",
  cite: `GRPO: Shao and others, 2024, [arXiv 2402.03300](${GRPO}). Dr. GRPO: Liu and others, 2025, [arXiv 2503.20783](${DR_GRPO}). RLOO: Ahmadian and others, 2024, [arXiv 2402.14740](${RLOO}). REINFORCE++: Hu and others, 2025, [arXiv 2501.03262](${REINFORCE}). DAPO: Yu and others, 2025, [arXiv 2503.14476](${DAPO}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "figure",
          figure: ONE_SHOT_LOOP,
          caption:
            "The same four phases as with a single example. Only the tasks are many: they come from a fixed pool.",
        },
        "Before the first step the model proposes the tasks of the pool itself, and the {verifier} checks them. From then on nobody proposes. Every step draws sixteen tasks and asks each eight times; the eight answers are one {group}.",
      ],
    },
    {
      id: "baseline",
      title: "What a reward is compared with",
      blocks: [
        "All members of the family take a mean off the {reward}. They differ in which mean, and in what they divide by.",
        {
          kind: "formula",
          tex: "A_i=\\frac{r_i-\\bar r}{d}",
          plain: "advantage = (reward − mean) / divisor",
          where: [
            ["\\bar r", "the mean of the group; of the whole batch in REINFORCE++"],
            ["d", "what the difference is divided by, see the table"],
          ],
          live: liveAdvantage,
        },
        {
          kind: "table",
          caption: "The presets of this page, and their five switches",
          columns: ["preset", "mean of", "divided by", "loss is a mean of", "distance to the base", "else"],
          rows: [
            ["GRPO", "group", "spread of the group", "answers", "in the loss", ""],
            ["Dr. GRPO", "group", "nothing", "one constant length", "none", ""],
            ["RLOO", "the others of the group", "nothing", "answers", "in the reward", ""],
            ["REINFORCE++", "batch", "spread of the batch", "tokens", "in the reward", ""],
            ["REINFORCE++ with baseline", "group", "spread of the batch", "tokens", "in the loss", ""],
            [
              "DAPO",
              "group",
              "spread of the group",
              "tokens",
              "none",
              "wider clip upwards, silent groups replaced, long answers pay",
            ],
          ],
        },
        "RLOO leaves the answer itself out of the mean. That is the same as dividing by one minus one over the size of the group, which is how the arithmetic behind each number shows it.",
        {
          kind: "lab",
          lab: "advantage",
          title: "one group of eight",
          text: "Set the rewards. Dividing by the spread makes a group with one right answer count as much as one with four; without it, the second counts more.",
        },
      ],
    },
    {
      id: "loss",
      title: "What a token weighs",
      blocks: [
        "A worked answer has five times as many {token|tokens} as a straight one. If the loss is a mean over *answers*, each token of a long one weighs less. If it is a mean over all *tokens*, long answers weigh more. With a *constant length* every token weighs the same, whatever the others of the batch are.",
        "DAPO also lets a rare token gain more before it is clipped: its ratio may rise to 1.28, and fall to 0.8. That matters from the second update on. In the first update from a batch every ratio is 1; set *updates per rollout* to 4 and watch the {clip-fraction|clip fraction} wake up.",
      ],
    },
    {
      id: "side-by-side",
      title: "One group, six members",
      blocks: [
        {
          kind: "lab",
          lab: "family",
          title: "the same answers under every preset",
          text: "A step of the run on screen, computed anew: switch between advantages, the weight of a token, and each answer's share of the step.",
        },
        "Dividing by the spread makes rare success loud. A mean over answers makes a short answer's tokens heavy, and a mean over tokens gives a long answer more of the step.",
      ],
    },
    {
      id: "paper",
      title: "What the papers found",
      blocks: [
        {
          kind: "list",
          items: [
            "*GRPO* lifted DeepSeekMath-7B from 46.8 to 51.7 % on MATH, without a critic.",
            "*Dr. GRPO* found that dividing by the spread, and by each answer's length, pays for long wrong answers. Without both, wrong answers stop growing and accuracy stays.",
            "*RLOO* beat PPO with less memory: with a pre-trained policy, the variance that PPO guards against is hardly there.",
            "*REINFORCE++* normalises over the batch, so that easy groups do not overfit.",
            "*DAPO* took Qwen2.5-32B to 50 points on AIME 2024 with half the steps of an earlier recipe. Its own table adds the parts one by one: 30 points with GRPO, then 36, 38, 41, 42 and 50.",
          ],
        },
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "rlvr" },
        {
          kind: "table",
          caption:
            "Greedy held-out accuracy after 60 steps on kelvin-nano, 400 tasks per type, one figure per seed; CPU engine on two cores (`docs/experiments/rlvr.md`). Before: .302 and .380",
          columns: ["preset or control", "deduction", "abduction"],
          rows: [
            ["GRPO", ".853, .850, .855", ".807, .815, .807"],
            ["Dr. GRPO", ".830, .813, .835", ".805, .813, .807"],
            ["RLOO", ".863, .850, .850", ".800, .815, .815"],
            ["REINFORCE++", ".838, .823, .855", ".818, .828, .828"],
            ["REINFORCE++, baseline", ".828, .828, .843", ".820, .830, .802"],
            ["DAPO", ".835, .863, .853", ".830, .810, .825"],
            ["coin flips", ".225, .255", ".343, .365"],
            ["pay for form", ".310, .280", ".372, .383"],
            ["wrong labels", ".215, .258", ".375, .378"],
            ["eight updates, no clip, rate 1e-3", ".048, .010", ".215, .130"],
          ],
        },
        "At this size the members end close together: the gain is one discovery, that working step by step pays, and every sound baseline finds it. What differs is how much of a batch teaches anything, and how long answers become. A reward that does not know the answer teaches nothing, and a wrong one teaches the wrong thing; eight updates without a clip destroy what was there.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Silent groups.* All right or all wrong: there is nothing to compare. DAPO replaces them, and pays with more answers per step.",
            "{completion-length|Completion length} of wrong answers. If it grows, the loss pays for length.",
            "{clip-fraction|Clip fraction} and {entropy}, with several updates per rollout.",
            "{kl|KL} to the base, where a preset keeps one.",
          ],
        },
      ],
    },
    {
      id: "failures",
      title: "How it goes wrong",
      blocks: [
        {
          kind: "list",
          items: [
            "*Updates without a clip.* Eight updates from the same answers, a clip of 1 and a learning rate of 0.001: the policy runs away from what was sampled.",
            "*A mean over parts.* If each small batch is averaged by itself, a token weighs as much as its neighbours happen to be few. Here all parts of an update share one mean.",
            "*A checker that fails counts as wrong.* Then the model learns to avoid what is slow to check. Here an answer without a verdict stops the run.",
            "*Paying for form.* Set the reward source to `format`: answers become readable, and no better.",
          ],
        },
        "These are forms of {reward-hacking|reward hacking}, or of comparing the wrong things. The controls in Settings show each.",
      ],
    },
  ],
};
