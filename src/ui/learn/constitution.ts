/** A constitution that a visitor puts together, and what the run on screen measures of every law. Pure. */
import { breaksMetric, LAW_WORDS, type LawWords } from "../../contracts";
import type { RunState, StepRecord } from "../../telemetry/state";

const METHOD = "rlaif";

interface Measured extends Pick<RunState, "evaluations"> {
  readonly history: readonly Pick<StepRecord, "metrics">[];
}

/** Names of laws, in their order. */
export type Chosen = readonly string[];

/** Laws of a setting; names that are not known are left out. */
export function chosenIn(setting: string): Chosen {
  const names = setting.split(",").map((name) => name.trim());
  return names.filter((name) => LAW_WORDS.some((law) => law.name === name));
}

/** Takes a law out, or in as the last. */
export function toggled(chosen: Chosen, name: string): Chosen {
  return chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
}

/** Exchanges a law with the one before it; the first stays. */
export function raised(chosen: Chosen, name: string): Chosen {
  const place = chosen.indexOf(name);
  if (place < 1) return chosen;
  return [...chosen.slice(0, place - 1), name, chosen[place - 1] as string, ...chosen.slice(place + 1)];
}

/** All laws: first the chosen ones in their order, then the others. */
export function listed(chosen: Chosen): readonly LawWords[] {
  const own = chosen.flatMap((name) => LAW_WORDS.filter((law) => law.name === name));
  return [...own, ...LAW_WORDS.filter(({ name }) => !chosen.includes(name))];
}

/** The link that starts a run under these laws. */
export function linkOf(chosen: Chosen): string {
  return `?${new URLSearchParams({ method: METHOD, "set.laws": chosen.join(",") })}`;
}

/** Share of valid proposals that break a law: held out, at the first evaluation and at the last, and in the latest step that proposed. */
export interface Broken {
  readonly before: number | null;
  readonly heldOut: number | null;
  readonly step: number | null;
}

/** What the run has measured of a law; null for what it has not. */
export function brokenIn({ evaluations, history }: Measured, law: LawWords): Broken {
  const exams = evaluations.flatMap(({ suite, measures }) =>
    suite === METHOD ? measures.filter(({ name }) => name === `breaks/${law.measure}`) : [],
  );
  const steps = history.flatMap(({ metrics }) => metrics[breaksMetric(law)] ?? []);
  return {
    ...{ before: exams[0]?.value ?? null, heldOut: exams.at(-1)?.value ?? null },
    step: steps.at(-1) ?? null,
  };
}

/** The laws of a run; null if it has none. */
export function settingOf({ header }: Pick<RunState, "header">): string | null {
  const config = header?.method === METHOD ? header.config : null;
  const laws = config && typeof config === "object" && "laws" in config ? config.laws : null;
  return typeof laws === "string" ? laws : null;
}
