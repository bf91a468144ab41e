/** What a model speaks: its tokenizer and its chat template, tried on the task language before the model is used. */
import { KelvinError } from "../contracts";
import type { ChatWriter } from "./chat";
import type { ModelConfig } from "./config";
import type { ModelFiles } from "./model-files";
import { INTEGRAL_LANGUAGE, TASK_LANGUAGE } from "./task-language";
import { type LoadedTokenizer, loadTokenizer } from "./tokenizer";

/** Tokenizer and chat template of a model. */
export interface Language {
  readonly tokenizer: LoadedTokenizer;
  /** null for a model that was not made for conversations. */
  readonly chat: ChatWriter | null;
  /** Every token that ends a completion; the first is what a written answer ends with. */
  readonly endTokens: readonly number[];
}

/** Reading a large vocabulary takes a second, and a model's files are opened again for every run. */
const opened = new WeakMap<ModelFiles, Promise<Language>>();

/**
 * The language of a model's files.
 * @throws KelvinError "model" where they cannot be used, or cannot spell the task language
 */
export function openLanguage(files: ModelFiles, config: ModelConfig): Promise<Language> {
  const before = opened.get(files);
  if (before) return before;
  const language = read(files, config);
  opened.set(files, language);
  return language;
}

async function read(files: ModelFiles, config: ModelConfig): Promise<Language> {
  const first = config.endToken < 0 ? undefined : config.endToken;
  const tokenizer = withBeginning(loadTokenizer(files.tokenizer, first, config.vocabulary), files);
  const texts = isOfIntegrals(tokenizer) ? INTEGRAL_LANGUAGE : TASK_LANGUAGE;
  for (const text of texts) checkSpelling(tokenizer, text);
  // The renderer of templates is loaded for the models that have one.
  const chat = files.chat && (await (await import("./chat")).openChat(files.chat));
  if (chat) checkPrompt(tokenizer, chat);
  const turnEnd = tokenizer.idOf(files.special?.texts["eos_token"] ?? "");
  const ends = config.endTokens.length > 0 ? config.endTokens : [tokenizer.endToken];
  return { tokenizer, chat, endTokens: turnEnd === null ? ends : [...new Set([...ends, turnEnd])] };
}

/** The tokenizer with the beginning that `tokenizer_config.json` asks for, as transformers reads it. */
function withBeginning(tokenizer: LoadedTokenizer, { special }: ModelFiles): LoadedTokenizer {
  if (!special || special.addsBeginning === null) return tokenizer;
  if (!special.addsBeginning) return { ...tokenizer, beginning: [] };
  const id = tokenizer.idOf(special.texts["bos_token"] ?? "");
  return id === null ? tokenizer : { ...tokenizer, beginning: [id] };
}

/** Whether the vocabulary was made for integrals: a token for their prompt, and none for a deduction. */
function isOfIntegrals({ idOf }: LoadedTokenizer): boolean {
  return idOf("<int>") !== null && idOf("<ded>") === null;
}

/** @throws KelvinError "model" where a text of the task language cannot be spelled, or comes back as another */
function checkSpelling(tokenizer: LoadedTokenizer, text: string): void {
  const back = tokenizer.decode(inModel(() => tokenizer.encode(text)));
  if (back !== text) throw misspelt(`writes ${JSON.stringify(text)} as ${JSON.stringify(back)}`);
}

function checkPrompt(tokenizer: LoadedTokenizer, chat: ChatWriter): void {
  for (const text of TASK_LANGUAGE) {
    const prompt = inModel(() => chat(text));
    inModel(() => tokenizer.encode(prompt));
  }
}

/** What is a fault of the text later is one of the model here: the text is ours. */
function inModel<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof KelvinError && error.reason === "input" ? misspelt(`fails: ${error.message}`) : error;
  }
}

function misspelt(what: string): KelvinError {
  return new KelvinError(
    "model",
    `the model's tokenizer ${what}`,
    "Tasks and answers must come back as they were written: choose another model.",
  );
}
