/** The trainer's answers to the page's questions, one function per entry of `Questions`. */
import type { Policy, QuestionName, Questions, Verifier } from "../contracts";
import { firstTasks, type Suite } from "../evaluate/suite";
import type { Engine, LoadedModel } from "../model/engine";
import { judgeAnswer, ruleOnDraft } from "./judge";

/** Fetched with the first question that needs them: nothing of them is needed before Start. */
const comparing = () => import("./compare");
const inspecting = () => import("./inspect");
const downloads = () => import("./model-source/downloads");

/** The model between two steps. */
export interface Resting {
  readonly model: LoadedModel;
  /** Finished steps of its weights. */
  readonly steps: number;
  /** The policy as it was loaded, fetched back when it is asked for. */
  readonly base: () => Promise<Policy>;
}

/** What an answer may be made from. */
export interface Trainer {
  /** The folder the page lies in. */
  readonly root: URL;
  readonly engine: Promise<Engine>;
  readonly verifier: Promise<Verifier>;
  /** The model that is loaded; null where none could be. Only for what does not run on the device. */
  readonly loaded: () => Promise<Pick<Policy, "tokenizer" | "contextLength"> | null>;
  /** @throws KelvinError "model" where there is none */
  readonly suites: () => Promise<readonly Suite[]>;
  /** Work with the model between two steps, one piece at a time. @throws KelvinError "model" where there is none */
  readonly betweenSteps: <T>(work: (resting: Resting) => Promise<T>) => Promise<T>;
}

/** Tasks per type and suite that the page may choose from. */
const LISTED = 40;

type Answers = {
  readonly [K in QuestionName]: (asks: Questions[K]["asks"], trainer: Trainer) => Promise<Questions[K]["answer"]>;
};

/** By the name of the question. */
export const ANSWERS: Answers = {
  inspect: async (asks, trainer) => (await inspecting()).inspectModel(trainer, asks),
  kernels: async (_, { engine }) => (await engine).kernels,
  judge: async ({ task, answer }, { verifier }) => judgeAnswer(await verifier, task, answer),
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
