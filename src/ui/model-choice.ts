/** Models by name, and from elsewhere. */
import type { ModelChoice } from "../contracts";
import type { Failure } from "./session";

/** What a link's `model` names: an address, or a folder below `models/`. */
export function choiceOf(model: string): ModelChoice {
  return /^https?:\/\//u.test(model) ? { url: model } : model;
}

/** Whether a model is fetched from a server. */
export function isAddress(choice: ModelChoice): choice is { readonly url: string } {
  return typeof choice === "object" && "url" in choice;
}

/** Said in place of a download that nobody has agreed to. */
export function complaintOfAddress(address: string): Failure {
  const host = URL.canParse(address) ? new URL(address).host : address;
  return {
    reason: "model",
    message: `This link trains a model from ${host}.`,
    hint: "Open Model in the bar above to see what it is and what it takes, and to load it.",
  };
}

/** Whether two choices load the same model; chosen files are the same only as the very same choice. */
export function sameModel(one: ModelChoice, other: ModelChoice): boolean {
  if (isAddress(one) && isAddress(other)) return one.url === other.url;
  return one === other;
}
