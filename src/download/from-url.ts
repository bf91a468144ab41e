/** A model directory on a server, stored on this device once downloaded. */
import { KelvinError } from "../contracts";
import type { ModelSource } from "../model/source";
import { download, type OnBytes } from "./download";
import type { Shelf } from "./shelf";

const HUB = "huggingface.co";
const HUB_NAMES: ReadonlySet<string> = new Set([HUB, "www.huggingface.co", "hf.co"]);
/** First words of the Hub's addresses that are no owners of models. */
const NOT_MODELS: ReadonlySet<string> = new Set([
  "api",
  "blog",
  "collections",
  "datasets",
  "docs",
  "models",
  "papers",
  "posts",
  "spaces",
]);
const HINT = "Give the https address of a model's folder.";
const FILE = /\.(?:json|safetensors|jinja)$/;

/**
 * The folder that an address names: a folder, one of its files, or a page of a repository on the Hugging Face Hub, with its
 * revision and folder.
 * @throws KelvinError "input" if it is not a web address, or says something that would be lost
 */
export function modelFolder(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !/^https?:$/.test(url.protocol) || !isDecodable(url.pathname))
    throw new KelvinError("input", `“${address}” is not a web address`, HINT);
  if (url.username !== "" || url.password !== "") refuse(address, "has a user name or a password in it");
  const isHub = HUB_NAMES.has(url.hostname);
  if (url.search !== "" && !(isHub && /^\?download=(?:true|1)$/.test(url.search)))
    refuse(address, `ends in ${url.search}, which the model's files would be asked for without`);
  // What follows # is never sent to a server.
  url.search = url.hash = "";
  if (isHub) url.host = HUB;
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const folder = isHub ? hubFolder(address, parts) : FILE.test(parts.at(-1) ?? "") ? parts.slice(0, -1) : parts;
  url.pathname = folder
    .map((part) => `/${part}`)
    .join("")
    .concat("/");
  return url;
}

/** `/OWNER/NAME`, and then perhaps `/tree/REVISION/FOLDER…`; models of old have no owner. */
function hubFolder(address: string, parts: readonly string[]): string[] {
  const [first = ""] = parts;
  if (parts.length === 0 || NOT_MODELS.has(first)) refuse(address, "is no address of a model on the Hub");
  const named = /^(?:tree|blob|raw|resolve)$/.test(parts[1] ?? "") ? 1 : Math.min(2, parts.length);
  const repository = parts.slice(0, named);
  const [view, ...rest] = parts.slice(named);
  if (view === undefined) return [...repository, "resolve", "main"];
  if (!/^(?:tree|blob|raw|resolve)$/.test(view) || rest.length === 0)
    refuse(address, `is no folder of a model: “${view}”`);
  // Pull requests are revisions with slashes in their names.
  const long = rest[0] === "refs" ? 3 : 1;
  const revision = rest.slice(0, long).join("%2F");
  const below = rest.slice(long);
  const isFile = view === "blob" || view === "raw" || (view === "resolve" && FILE.test(below.at(-1) ?? ""));
  return [...repository, "resolve", revision, ...(isFile ? below.slice(0, -1) : below)];
}

function refuse(address: string, why: string): never {
  throw new KelvinError("input", `${address} ${why}`, HINT);
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Name of the model for people: the last part of its address; on the Hub the repository's name, and the folder in it. */
export function modelName(folder: URL): string {
  const names = folder.pathname.split("/").filter((name) => name !== "");
  const at = folder.hostname === HUB ? names.indexOf("resolve") : -1;
  const own = at > 0 ? [names[at - 1] as string, ...names.slice(at + 2)] : names.slice(-1);
  return own.length > 0 ? decodeURIComponent(own.join("/")) : folder.hostname;
}

/** Files below `folder`. Opening one downloads it, unless the shelf has it complete. */
export function urlSource(folder: URL, shelf: Shelf, onBytes: OnBytes): ModelSource {
  return { name: modelName(folder), open: (file, most) => download(new URL(file, folder), shelf, onBytes, most) };
}
