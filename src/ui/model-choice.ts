/** Models by name, and from elsewhere. */
import * as v from "valibot";
import { chosenFilesName, chosenFolder, type ModelChoice } from "../contracts";
import type { Failure } from "./session";

const KEY = "agreed-addresses";
const MOST_ADDRESSES = 200;
const Addresses = v.pipe(v.string(), v.parseJson(), v.array(v.string()));

/** Addresses to which the visitor said yes on this device; nothing that comes from elsewhere can add one. */
function storedAddresses(storage: Pick<Storage, "getItem"> | null): readonly string[] {
  const stored = v.safeParse(Addresses, storage?.getItem(KEY) ?? "[]");
  return stored.success ? stored.output : [];
}

/** What the visitor has chosen and agreed to; setups and links hold only names. */
export class ChosenModels {
  private files: { readonly name: string; readonly choice: ModelChoice } | null = null;
  /** Addresses from which the visitor wants a model. */
  private readonly agreed: Set<string>;

  /** @param storage where consent is kept on this device; null where the browser denies it */
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> | null = null) {
    this.agreed = new Set(storedAddresses(storage));
  }

  /** @param folder name of the files' folder. @returns the model's name in a setup */
  choose(choice: ModelChoice, folder: string): string {
    const model = typeof choice === "string" ? choice : "url" in choice ? choice.url : chosenFilesName(folder);
    if (typeof choice === "object" && "files" in choice) this.files = { name: model, choice };
    this.agree(model);
    return model;
  }

  /** The visitor said yes to an address: it is kept, so that a run from there can go on another day. */
  private agree(model: string): void {
    if (!isAddress(this.find(model))) return;
    this.agreed.add(model);
    try {
      this.storage?.setItem(KEY, JSON.stringify([...this.agreed].slice(-MOST_ADDRESSES)));
    } catch {
      // Without room it lasts as long as the page.
    }
  }

  /** The model of a name: a folder below `models/`, an address, or the chosen files. */
  find(model: string): ModelChoice {
    if (this.files?.name === model) return this.files.choice;
    return /^https?:\/\//u.test(model) ? { url: model } : model;
  }

  /** Why a model needs the visitor's consent or files; null if it can be loaded. */
  complaintAbout(model: string): Failure | null {
    const folder = chosenFolder(model);
    if (folder !== null) return this.files?.name === model ? null : complaintOfFiles(folder);
    return isAddress(this.find(model)) && !this.agreed.has(model) ? complaintOfAddress(model) : null;
  }
}

/** Whether a model is downloaded from a server. */
export function isAddress(choice: ModelChoice): choice is { readonly url: string } {
  return typeof choice === "object" && "url" in choice;
}

/** Name of a model for people. */
export function modelTitle(model: string): string {
  // The last part of an address is the model's name.
  return chosenFolder(model) ?? model.split("/").findLast((part) => part !== "") ?? model;
}

/** Message for a model whose files must be chosen. */
function complaintOfFiles(folder: string): Failure {
  return {
    reason: "model",
    message: `This trains a model of your own files, “${folder}”, which the page cannot open again by itself.`,
    hint: "Open Model, in the bar above or in Settings, and choose its folder.",
  };
}

/** Message for a download that the visitor has not agreed to. */
function complaintOfAddress(address: string): Failure {
  if (!URL.canParse(address))
    return {
      reason: "model",
      message: `“${address}” is not a web address.`,
      hint: "Mend the link, or choose a model.",
    };
  const { host } = new URL(address);
  return {
    reason: "model",
    message: `This trains a model from ${host}.`,
    hint: "Open Model, in the bar above or in Settings, to see what it is and what it takes, and to load it.",
  };
}

/** Whether two choices load the same model. Chosen files are equal only if it is the same choice. */
export function sameModel(one: ModelChoice, other: ModelChoice): boolean {
  if (isAddress(one) && isAddress(other)) return one.url === other.url;
  return one === other;
}
