/** Reads a model's configuration before its weights. */
import {
  demandSmall,
  KelvinError,
  type LoraConfig,
  type MethodConfig,
  type ModelChoice,
  type ModelSheet,
  mostBytes,
  type Precision,
  type Questions,
  readLora,
  readSetting,
} from "../contracts";
import { modelFolder, modelName } from "../download/from-url";
import { METHODS } from "../methods";
import { adapterLayout } from "../model/adapter-layout";
import { parseConfig } from "../model/config";
import { parameterLayout } from "../model/parameters";
import { readJson } from "../model/source";
import type { Trainer } from "./answers";
import { chunksOf, fetchConfig } from "./fetch-model";
import { filesSource } from "./model-source/from-files";

/** Any adapters will do: they do not change the frozen weights. */
const ANY_LORA = readLora("1");

/** @throws KelvinError "model" or "input" if it is not a model, "config" for invalid adapters */
export async function inspectModel(
  { root, engine }: Pick<Trainer, "root" | "engine">,
  { model, lora, run }: Questions["inspect"]["asks"],
): Promise<ModelSheet> {
  const { name, json } = await readConfig(root, model);
  const ready = await engine;
  const needOf = (adapters: LoraConfig | null) => ready.memoryNeed(json, adapters, wantsReference(run));
  const config = parseConfig(json);
  const layout = parameterLayout(config);
  const { queryHeads, keyHeads } = config.heads;
  const { family, layers, hidden, intermediate, vocabulary, contextLength, tied } = config;
  const shape = { family, layers, hidden, intermediate, vocabulary, contextLength, tied, queryHeads, keyHeads };
  const trained = lora ? adapterLayout(layout, lora).count : layout.count;
  const weightsIn = (base: Precision): number => needOf({ ...(lora ?? ANY_LORA), base }).weights;
  const savedByHalves = weightsIn("float32") - weightsIn("float16");
  return { name, ...shape, parameters: layout.count, trained, lora, need: needOf(lora), savedByHalves };
}

/** Whether this method needs a reference. What cannot be in a link, whose settings are texts, is said at Start. */
export function wantsReference({ method, overrides }: Questions["inspect"]["asks"]["run"]): boolean {
  const found = METHODS.find(({ name }) => name === method);
  if (!found) return false;
  const read = ([key, value]: [string, MethodConfig[string]]) =>
    [key, typeof value === "string" ? readSetting(value, found.defaults[key]) : value] as const;
  const config = { ...found.defaults, ...Object.fromEntries(Object.entries(overrides).map(read)) };
  return found.needs(config).reference === true;
}

/** A server may send without end. */
async function jsonOf(response: Response, folder: URL): Promise<unknown> {
  const most = mostBytes("config.json");
  let text = "";
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const part of chunksOf(response)) {
    bytes += part.byteLength;
    demandSmall("config.json", bytes, most);
    text += decoder.decode(part, { stream: true });
  }
  try {
    return JSON.parse(text + decoder.decode());
  } catch {
    throw new KelvinError("model", `${folder.href}config.json is not JSON.`, "Check the address of the model.");
  }
}

async function readConfig(root: URL, choice: ModelChoice): Promise<{ name: string; json: unknown }> {
  if (typeof choice === "string") return { name: choice, json: await fetchConfig(root, choice) };
  if ("files" in choice) {
    const source = filesSource(choice.files);
    return { name: source.name, json: await readJson(source, "config.json") };
  }
  const folder = modelFolder(choice.url);
  const response = await fetch(new URL("config.json", folder)).catch(() => null);
  if (!response?.ok) {
    throw new KelvinError(
      "model",
      `${folder.href} has no config.json that can be read.`,
      "Check the address and the connection.",
    );
  }
  return { name: modelName(folder), json: await jsonOf(response, folder) };
}
