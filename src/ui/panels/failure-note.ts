import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { Failure } from "../session";
import type { Store } from "../store";

/** What stopped the page from training, and the way on; another tab's hold on the GPU can be ended here. */
export function failureNote(store: Store, { reason, message, hint }: Failure): TemplateResult {
  const takeOver = html`<button class="button" type="button" @click=${() => store.takeOver()}>Take the GPU over</button>`;
  return html`<div class="said failure" role="alert">${icon("caution")}<p class="first">${message}</p><p>${hint}</p>
    ${reason === "occupied" ? html`<p>${takeOver}</p>` : nothing}</div>`;
}

/** Something the run goes on without, until it is put away. */
export function noticeNote(store: Store): TemplateResult | typeof nothing {
  const { notice } = store.session;
  if (!notice) return nothing;
  return html`<div class="said caution" role="alert">${icon("caution")}<p class="first">${notice.message}</p><p>${notice.hint}</p>
    <p><button class="button" type="button" @click=${() => store.forgetNotice()}>Put away</button></p></div>`;
}
