/** A model directory on a server, stored on this device once downloaded. */
import { KelvinError } from "../contracts";
import type { ModelSource } from "../model/source";
import { download, type OnBytes } from "./download";
import type { Shelf } from "./shelf";

const HUB = "huggingface.co";

/**
 * The folder that an address names: a folder, one of its files, or a repository's page on the Hugging Face Hub.
 * @throws KelvinError "input" if it is not a web address
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

/** Name of the model for people: the last part of its address. */
export function modelName(folder: URL): string {
  const names = folder.pathname.split("/").filter((name) => name !== "");
  const own = folder.hostname === HUB ? names.slice(0, 2) : names;
  return decodeURIComponent(own.at(-1) ?? folder.hostname);
}

/** Files below `folder`. Opening one downloads it, unless the shelf has it complete. */
export function urlSource(folder: URL, shelf: Shelf, onBytes: OnBytes): ModelSource {
  return { name: modelName(folder), open: (file, most) => download(new URL(file, folder), shelf, onBytes, most) };
}
