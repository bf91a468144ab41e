import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../icons";
import { type Failure, OF_LOADING } from "../session";
import { DEFAULT_SETUP } from "../setup";
import type { Store } from "../store";

/** Why the page cannot train, and what to do. */
export function failureNote(store: Store, failure: Failure): TemplateResult {
  return said(failure, waysOn(store, failure));
}

/** An error in a link or form, with a button for the usual settings. */
export function complaintNote(store: Store, complaint: Failure): TemplateResult {
  const usual = way("Use the usual settings", () => store.configure(DEFAULT_SETUP));
  return said(complaint, [complaint.reason === "model" ? usualModel(store) : usual]);
}

/** An error that another try may solve. */
export function plainNote(failure: Failure): TemplateResult {
  return said(failure, []);
}

/** A notice during a run, until it is dismissed. */
export function noticeNote(store: Store): TemplateResult | typeof nothing {
  const { notice } = store.session;
  if (!notice) return nothing;
  return html`<div class="said caution" role="alert">${icon("caution")}<p class="first">${notice.message}</p><p>${notice.hint}</p>
    <p>${way("Put away", () => store.forgetNotice())}</p></div>`;
}

/** What a link asks for and the current view does not have. */
export function missingNote(store: Store, instead: string): TemplateResult {
  const { view, detail } = store.whereabouts.place;
  return html`<div class="said caution" role="alert">${icon("caution")}<p class="first">This link asks for “${view}/${detail}”, which does not exist.</p><p>${instead}</p></div>`;
}

function said({ message, hint }: Failure, ways: readonly TemplateResult[]): TemplateResult {
  return html`<div class="said failure" role="alert">${icon("caution")}<p class="first">${message}</p><p>${hint}</p>
    ${ways.length > 0 ? html`<p>${ways}</p>` : nothing}</div>`;
}

function waysOn(store: Store, { reason }: Failure): TemplateResult[] {
  if (reason === "occupied") return [way("Take the device over", () => store.takeOver())];
  if (reason === "device-lost") return [recovery(store)];
  if (store.session.loaded === null && OF_LOADING.has(reason)) return [otherModel(store)];
  return store.isPassing ? [way("Put away", () => store.forgetFailure())] : [];
}

function otherModel(store: Store): TemplateResult {
  return store.setup.model === DEFAULT_SETUP.model ? way("Try again", () => store.load()) : usualModel(store);
}

/** Button to resume; the recorded run continues from its checkpoint. */
function recovery(store: Store): TemplateResult {
  const step = store.session.kept?.step ?? null;
  const label = step === null ? "Open the device again" : `Go on from step ${step}`;
  return way(label, () => void store.recover());
}

function usualModel(store: Store): TemplateResult {
  const { model } = DEFAULT_SETUP;
  return way(`Go back to ${model}`, () => store.useModel(model, model));
}

function way(label: string, take: () => void): TemplateResult {
  return html`<button class="button" type="button" @click=${take}>${label}</button>`;
}
