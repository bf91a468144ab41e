/** The trainer's answers to the page's questions, one function per entry of `Questions`. */
import type { QuestionName, Questions } from "../contracts";
import type { Engine } from "../model/engine";

/** What an answer may be made from. */
export interface Trainer {
  readonly engine: Promise<Engine>;
}

type Answers = {
  readonly [K in QuestionName]: (asks: Questions[K]["asks"], trainer: Trainer) => Promise<Questions[K]["answer"]>;
};

export const ANSWERS: Answers = {
  kernels: async (_, { engine }) => (await engine).kernels,
};
