import { STEP_LOOP } from "../figures/step-loop";
import { liveAdvantage, liveLogprob, liveTerm } from "../live";
import type { Page } from "../page";

export const page: Page = {
  order: 0,
  name: "basics",
  short: "The basics",
  title: "How a model learns from its own tries",
  lead: "Nobody shows the model how to solve a task. It tries, is told which tries worked, and does more of what worked. Everything else on this page is bookkeeping, and you can watch all of it in [Play](play).",
  sections: [
    {
      id: "loop",
      title: "One step, five words",
      blocks: [
        {
          kind: "figure",
          figure: STEP_LOOP,
          caption:
            "One {step}. With a run on screen, the part that is going on is lit. Absolute Zero puts one more part in front: the model also writes the tasks.",
        },
        {
          kind: "list",
          ordered: true,
          items: [
            "The {policy} is the model, seen as a chooser: it puts a probability on every next {token}. Given a {prompt}, it draws a {completion}, one token after another. One such draw is a {sample}.",
            "The {verifier} runs real Python and gives each sample a {verdict}: right, wrong, or unreadable. It is the only judge.",
            "The verdict becomes a {reward}: +1, −0.5 or −1. Just a number; it says nothing about *how* to do better.",
            "The reward is compared with those of its {group}. Better than the mean is a positive {advantage}, worse a negative one.",
            "The {update} moves all weights a little, so that samples with a positive advantage become more likely and the others less. Then it begins again.",
          ],
        },
      ],
    },
    {
      id: "switch",
      title: "The whole story with one choice",
      blocks: [
        "The shipped model can answer in two ways: straight away, or by working through the program line by line, which makes a {trace}. It prefers the quick way, and the slow way is right nearly three times as often. Here is that choice alone, trained exactly as the real model is.",
        {
          kind: "lab",
          lab: "switch",
          title: "a policy with a single choice",
          text: "Sixteen answers per step. Set the two accuracies equal and it wanders; swap them and it unlearns to work.",
        },
        "Two things are worth noticing. The first steps are slow, because the better way is rarely tried and so rarely praised. And the gain is not a new skill: it is finding out which of the skills already there to use. The dotted line in Play, *worked traces reach*, marks how far that can go.",
      ],
    },
    {
      id: "advantage",
      title: "Why compare with a group",
      blocks: [
        "A reward alone does not say whether a try was good. If every try earns +1, pushing all of them up changes nothing. So each reward is measured against the mean of its group and divided by the group's spread.",
        {
          kind: "formula",
          tex: "A_i=\\frac{r_i-\\operatorname{mean}(r)}{\\operatorname{std}(r)+\\varepsilon}",
          plain: "advantage = (its reward − mean of the group) / (spread of the group + a tiny constant)",
          where: [
            ["A_i", "{advantage} of sample i"],
            ["r_i", "its {reward}"],
            ["\\varepsilon", "0.0001, so that a nearly unanimous group does not explode"],
          ],
          live: liveAdvantage,
        },
        {
          kind: "lab",
          lab: "advantage",
          title: "eight samples of one group",
          text: "Press a sample to change its reward. Look at what one right answer among eight is worth, and what happens when all agree.",
        },
      ],
    },
    {
      id: "loss",
      title: "From advantage to weights",
      blocks: [
        "The probability of a whole completion is the product of the probabilities of its tokens, so its logarithm is a sum. Hover over an answer in Play to see the parts.",
        {
          kind: "formula",
          tex: "\\log \\pi_\\theta(\\text{completion})=\\sum_t \\log \\pi_\\theta(\\text{token}_t\\mid\\text{everything before it})",
          plain: "log-probability of the completion = sum of the log-probabilities of its tokens",
          where: [
            ["\\pi_\\theta", "the {policy} with weights θ"],
            ["\\log", "natural logarithm: 0 is certain, −0.7 one half, −2.3 one tenth"],
          ],
          live: liveLogprob,
        },
        "The {loss} weighs these logarithms with the advantages. Going downhill on it raises the probability of every token of a good sample and lowers that of every token of a bad one. Nobody knows which token deserved it; over many samples, the ones that matter stand out.",
        {
          kind: "formula",
          tex: "\\nabla\\mathcal L=-\\frac1T\\sum_i A_i\\sum_{t}\\nabla\\log\\pi_\\theta(\\text{token}_{i,t})",
          plain: "slope of the loss = −(1 / all tokens) × sum over samples of advantage × slope of its log-probability",
          where: [
            ["T", "all trained tokens of the step, so a long sample weighs more than a short one"],
            ["\\nabla", "the slope with respect to every weight; its length is the {gradient-norm|gradient norm}"],
          ],
          live: liveTerm,
        },
        "Each step makes exactly one update from its own samples. The policy that learns is then the one that wrote, their probability ratio is 1, and the value of a sample's term is simply −A · tokens / T, as in the line above. *Why this number?* in Play shows it for any sample.",
      ],
    },
    {
      id: "reading",
      title: "How to read a run",
      blocks: [
        {
          kind: "list",
          items: [
            "{held-out|Held-out accuracy} first. Rewards in training also change because the tasks change.",
            "{entropy|Entropy} falls while the policy settles. A slow fall is learning; a plunge to zero ends it, because nothing new is tried.",
            "{completion-length|Completion length} and {trace|traces} rise together when working step by step pays. Length that rises alone is a warning.",
            "{gradient-norm|Gradient norm} near zero for many steps means that groups agree and nothing is left to compare.",
            "{clip-fraction|Clip fraction} should stay at zero here. If it does not, sampling and training disagree about probabilities, and that is a bug.",
          ],
        },
        "Next: [Absolute Zero](learn/azr), where the model also writes its own tasks, or [1-shot RLVR](learn/one-shot), where it practises on a single one.",
      ],
    },
  ],
};
