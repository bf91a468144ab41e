/** A model directory on a server, kept on this device once it was fetched. */
import { KelvinError } from "../contracts";
import type { ModelSource } from "../model/source";
import { download, type OnBytes } from "./download";
import type { Shelf } from "./shelf";

const HUB = "huggingface.co";

/**
 * The folder an address names: a folder itself, one of its files, or the page of a repository on the Hugging Face Hub.
 * @throws KelvinError "input" for what is no web address
 */
export function modelFolder(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new KelvinError("input", `“${address}” is not a web address`, "Give the https address of a model's folder.");
  url.search = url.hash = "";
  const [, owner, model, , revision = "main"] =
    /^\/([^/]+)\/([^/]+)(\/(?:tree|resolve|blob)\/([^/]+).*)?\/?$/.exec(url.pathname) ?? [];
  if (url.hostname === HUB && model) url.pathname = `/${owner}/${model}/resolve/${revision}/`;
  else url.pathname = url.pathname.replace(/\/[^/]+\.(?:json|safetensors)$/, "").replace(/\/*$/, "/");
  return url;
}

/** What people call the model: the last name of its address. */
export function modelName(folder: URL): string {
  const names = folder.pathname.split("/").filter((name) => name !== "");
  const own = folder.hostname === HUB ? names.slice(0, 2) : names;
  return decodeURIComponent(own.at(-1) ?? folder.hostname);
}

/** Files below `folder`; each is fetched when it is opened, unless it lies whole on the shelf. */
export function urlSource(folder: URL, shelf: Shelf, onBytes: OnBytes): ModelSource {
  return { name: modelName(folder), open: (file) => download(new URL(file, folder), shelf, onBytes) };
}
