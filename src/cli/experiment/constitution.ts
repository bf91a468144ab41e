/** The experiment on Constitutional AI. */
import type { Arm, Column, Experiment } from "./shape";

const measured = (title: string, measure: string): Column => ({ title, suite: "rlaif", measure });
/** Forty of them are supervised. */
const STEPS = 100;
const control = (name: string, short: string, settings: Arm["settings"], steps = STEPS): Arm => ({
  ...{ name, short, method: "rlaif", settings, steps, control: true, seeds: 2 },
});

/** Obedience with helpfulness beside it, and what is left without the parts. */
export const rlaif: Experiment = {
  name: "rlaif",
  question: "Does a model learn to keep written laws from its own judgement alone, and does it stay useful?",
  model: "kelvin-nano-judge",
  suites: ["fresh-in-distribution"],
  ...{ evaluateTasks: 100, evaluateEvery: 20, seeds: 3 },
  arms: [
    { name: "Constitutional AI", short: "both", method: "rlaif", settings: {}, steps: STEPS },
    { name: "revisions alone", short: "revisions", method: "rlaif", settings: {}, steps: 40 },
    control("another constitution: * and lists", "* and [", { laws: "*,[" }),
    control("shuffled labels", "shuffled", { labels: "shuffled" }),
    control("revision without critique", "no critique", { critique: false }, 40),
    control("the judge itself as reward", "direct", { direct: true }),
    control("no gate, distance free", "no gate", { gate: false, klCoefficient: 0 }, 200),
  ],
  columns: [
    measured("keeps all laws", "obedience"),
    measured("breaks %", "breaks/modulo"),
    measured("breaks //", "breaks/division"),
    measured("breaks if", "breaks/branches"),
    measured("breaks *", "breaks/times"),
    measured("breaks [", "breaks/lists"),
    measured("valid", "proposals/valid"),
    measured("different", "proposals/unique"),
    measured("learnable", "proposals/learnable"),
    measured("labels agree", "labels/agreeing"),
    { title: "deductions solved", suite: "fresh-in-distribution", measure: "deduction/forcedTrace" },
  ],
  curve: { suite: "rlaif", measure: "obedience", title: "valid proposals that keep all laws, percent" },
};
