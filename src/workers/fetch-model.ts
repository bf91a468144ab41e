import * as v from "valibot";
import { KelvinError, type Measure, ungrouped } from "../contracts";
import { parseSuite, type Suite } from "../evaluate/suite";
import type { ModelFiles } from "../model/model-files";
import { weightsInMemory } from "../model/stored-weights";

/** Called with the bytes received so far and the total. */
export type OnBytes = (loaded: number, total: number) => void;

/** Held-out suites; the first is the headline suite. */
const SUITES = ["in-distribution", "out-of-distribution"] as const;

/**
 * Fetches a model directory by name and reports progress of its weights.
 * @param root the page's folder, with a slash at its end
 * @throws KelvinError "model" that names the file that could not be fetched
 */
export async function fetchModel(root: URL, name: string, onBytes: OnBytes): Promise<ModelFiles> {
  const folder = modelFolder(root, name);
  const [config, tokenizer, bytes] = await Promise.all([
    fetchJson(new URL("config.json", folder)),
    fetchJson(new URL("tokenizer.json", folder)),
    fetchBytes(new URL("model.safetensors", folder), onBytes),
  ]);
  return { name, config, tokenizer, weights: weightsInMemory(bytes), chat: null, optional: {} };
}

/** A shipped model's config.json, parsed. @throws KelvinError "model" */
export async function fetchConfig(root: URL, name: string): Promise<unknown> {
  return fetchJson(new URL("config.json", modelFolder(root, name)));
}

/** The suites in the model's folder, or those of the page; for a model from elsewhere always the page's. */
export async function fetchSuites(root: URL, model: string | null): Promise<Suite[]> {
  return Promise.all(SUITES.map((name) => fetchSuite(root, model, name)));
}

/** Tasks outside every suite, from which 1-shot RLVR chooses its example. */
export async function fetchCandidates(root: URL): Promise<Suite> {
  const response = await demand(new URL("suites/one-shot-candidates.jsonl", root));
  return parseSuite("one-shot-candidates", await response.text());
}

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const rates = v.objectWithRest({ tasks: v.number() }, share);
const Card = v.object({ suites: v.record(v.string(), v.record(v.string(), rates)) });

/** The headline accuracy on the model's card; null without a card, or for a model from elsewhere. */
export async function fetchCard(root: URL, model: string | null): Promise<readonly Measure[] | null> {
  if (model === null) return null;
  const response = await request(new URL("card.json", modelFolder(root, model)));
  // An unreadable card is not an error: the run measures for itself.
  const card = v.safeParse(v.pipe(v.string(), v.parseJson(), Card), response ? await response.text() : "");
  const headline = card.success ? card.output.suites[SUITES[0]] : undefined;
  return headline ? ungrouped(headline) : null;
}

async function fetchSuite(root: URL, model: string | null, name: string): Promise<Suite> {
  const own = model === null ? null : await request(new URL(`heldout-${name}.jsonl`, modelFolder(root, model)));
  const response = own ?? (await demand(new URL(`suites/${name}.jsonl`, root)));
  return parseSuite(name, await response.text());
}

/** Accepts names only: a link must not make the page read from another server. */
function modelFolder(root: URL, name: string): URL {
  if (!/^[\w][\w.-]*$/u.test(name)) {
    throw new KelvinError("model", `“${name}” is not the name of a model.`, "Models are folders below models/.");
  }
  return new URL(`models/${name}/`, root);
}

async function fetchJson(url: URL): Promise<unknown> {
  const text = await (await demand(url)).text();
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's message has only a position; the visitor needs the file's name.
    throw new KelvinError("model", `${url.pathname} is not JSON.`, error instanceof Error ? error.message : "");
  }
}

async function fetchBytes(url: URL, onBytes: OnBytes): Promise<Uint8Array> {
  const response = await demand(url);
  const total = Number(response.headers.get("content-length") ?? 0);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  for await (const chunk of chunksOf(response)) {
    chunks.push(chunk);
    loaded += chunk.byteLength;
    onBytes(loaded, Math.max(total, loaded));
  }
  onBytes(loaded, loaded);
  return join(chunks, loaded);
}

/** The body as it comes; who stops reading ends it. */
export async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

async function demand(url: URL): Promise<Response> {
  const response = await request(url);
  if (!response) {
    throw new KelvinError(
      "model",
      `${url.pathname} could not be loaded.`,
      "Check the name and the connection, then reload the page.",
    );
  }
  return response;
}

/** null if missing; some servers answer an unknown path with the page itself. */
async function request(url: URL): Promise<Response | null> {
  const response = await fetch(url).catch(() => null);
  const page = response?.headers.get("content-type")?.startsWith("text/html");
  return response?.ok && !page ? response : null;
}
