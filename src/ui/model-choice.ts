/** Models by name, and from elsewhere. */
import { chosenFilesName, chosenFolder, type ModelChoice } from "../contracts";
import type { Failure } from "./session";

/** What the visitor has chosen and agreed to; setups and links hold only names. */
export class ChosenModels {
  private files: { readonly name: string; readonly choice: ModelChoice } | null = null;
  /** Addresses from which the visitor wants a model. */
  private readonly agreed = new Set<string>();

  /** @param folder what files are called. @returns the name by which a setup has the model */
  choose(choice: ModelChoice, folder: string): string {
    const model = typeof choice === "string" ? choice : "url" in choice ? choice.url : chosenFilesName(folder);
    if (typeof choice === "object" && "files" in choice) this.files = { name: model, choice };
    this.agree(model);
    return model;
  }

  agree(model: string): void {
    this.agreed.add(model);
  }

  /** What a name stands for: a folder below `models/`, an address, or the files that were chosen. */
  find(model: string): ModelChoice {
    if (this.files?.name === model) return this.files.choice;
    return /^https?:\/\//u.test(model) ? { url: model } : model;
  }

  /** Why a model waits for the visitor's word; null for one that can be had. */
  complaintAbout(model: string): Failure | null {
    const folder = chosenFolder(model);
    if (folder !== null) return this.files?.name === model ? null : complaintOfFiles(folder);
    return isAddress(this.find(model)) && !this.agreed.has(model) ? complaintOfAddress(model) : null;
  }
}

/** Whether a model is fetched from a server. */
export function isAddress(choice: ModelChoice): choice is { readonly url: string } {
  return typeof choice === "object" && "url" in choice;
}

/** What people call a model. */
export function modelTitle(model: string): string {
  // An address would fill a line; its last part is the model's name.
  return chosenFolder(model) ?? model.split("/").findLast((part) => part !== "") ?? model;
}

/** Said of a model that only the visitor can open. */
function complaintOfFiles(folder: string): Failure {
  return {
    reason: "model",
    message: `This trains a model of your own files, “${folder}”, which the page cannot open again by itself.`,
    hint: "Open Model, in the bar above or in Settings, and choose its folder.",
  };
}

/** Said in place of a download that nobody has agreed to. */
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
    message: `This link trains a model from ${host}.`,
    hint: "Open Model, in the bar above or in Settings, to see what it is and what it takes, and to load it.",
  };
}

/** Whether two choices load the same model; chosen files are the same only as the very same choice. */
export function sameModel(one: ModelChoice, other: ModelChoice): boolean {
  if (isAddress(one) && isAddress(other)) return one.url === other.url;
  return one === other;
}
