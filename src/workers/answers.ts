/** The trainer's answers to the page's questions, one function per entry of `Questions`. */
import type { Policy, QuestionName, Questions, Verifier } from "../contracts";
import { firstTasks, type Suite } from "../evaluate/suite";
import type { Engine, LoadedModel } from "../model/engine";
import { judgeAnswer, ruleOnDraft } from "./judge";

/** Loaded with the first question that needs it, not before Start. */
const comparing = () => import("./compare");
const inspecting = () => import("./inspect");
const givenPairs = () => import("./given-pairs");
const downloads = () => import("./model-source/downloads");

/** The model between two steps. */
export interface Resting {
  readonly model: LoadedModel;
  /** Finished steps of its weights. */
  readonly steps: number;
  /** The initial policy; its weights are loaded again on first use. */
  readonly base: () => Promise<Policy>;
}

/** What answers may use. */
export interface Trainer {
  /** The page's folder. */
  readonly root: URL;
  readonly engine: Promise<Engine>;
  readonly verifier: Promise<Verifier>;
  /** The loaded model; null if none could be loaded. Only for work that does not need the device. */
  readonly loaded: () => Promise<Pick<Policy, "tokenizer" | "contextLength"> | null>;
  /** @throws KelvinError "model" if no model is loaded */
  readonly suites: () => Promise<readonly Suite[]>;
  /** Runs work on the model between two steps, one piece at a time. @throws KelvinError "model" if no model is loaded */
  readonly betweenSteps: <T>(work: (resting: Resting) => Promise<T>) => Promise<T>;
}

/** Tasks per type and suite in the page's list. */
const LISTED = 40;

type Answers = {
  readonly [K in QuestionName]: (asks: Questions[K]["asks"], trainer: Trainer) => Promise<Questions[K]["answer"]>;
};

/** By the name of the question. */
export const ANSWERS: Answers = {
  inspect: async (asks, trainer) => (await inspecting()).inspectModel(trainer, asks),
  kernels: async (_, { engine }) => (await engine).kernels,
  judge: async ({ task, answer }, { verifier }) => judgeAnswer(await verifier, task, answer),
  // Without a model there are no suites; a run looks again.
  pairs: async (asks, { verifier, loaded, suites }) =>
    (await givenPairs()).readPairs(await verifier, (await loaded()) ? await suites() : [], asks),
  draft: async (asks, { verifier, loaded }) => ruleOnDraft(await verifier, await loaded(), asks),
  downloads: async () => (await downloads()).listDownloads(),
  removeDownload: async ({ url }) => (await downloads()).removeDownload(url),
  heldOut: async (_, { suites }) => (await suites()).map((suite) => firstTasks(suite, LISTED)),
  compare: (request, { verifier, betweenSteps }) =>
    betweenSteps(async ({ model, steps, base }) => {
      const { comparePolicies } = await comparing();
      return comparePolicies({ base: await base(), trained: model, steps }, await verifier, request);
    }),
  exported: ({ task }, { verifier, betweenSteps }) =>
    betweenSteps(async ({ model, steps }) => {
      const { compareExported } = await comparing();
      return compareExported(model, await verifier, { task, steps });
    }),
};
