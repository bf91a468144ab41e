import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js";
import "@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ListedRun, MethodInfo } from "../../../contracts";
import { bytes } from "../../format";
import { icon } from "../../icons";
import { methodTitle } from "../../recordings";
import { base, buttons, fields, progressBars, types } from "../../styles";
import { subjectLabel } from "../../subject-label";
import { takeFiles } from "../../take-files";
import { canGoOn, changes, dateText, folderToChoose, progressText } from "./run-text";

/** Actions on a run. */
export type RunAction =
  | "resume"
  | "replay"
  | "duplicate"
  | "delete"
  | "log"
  | "folder"
  | "safetensors"
  | "onnx"
  | "report"
  | "csv"
  | "tensorboard"
  | "handover";

export interface RunActionEvent {
  readonly run: ListedRun;
  readonly action: RunAction;
  /** Files of its model, if they had to be chosen again. */
  readonly files?: readonly File[];
}

const EXPORTS = [
  ["report", "Report (HTML)", false],
  ["csv", "Curves (CSV)", false],
  ["tensorboard", "Curves (TensorBoard)", false],
  ["log", "Log (JSONL)", false],
  ["folder", "Everything (zip)", false],
  ["handover", "For a cluster (zip)", true],
  ["safetensors", "Weights (safetensors)", true],
  ["onnx", "Weights (ONNX)", true],
] as const;

/**
 * One kept run: what it was, how far it came, and what can be done with it.
 * @fires run-action with a RunActionEvent
 * @fires run-rename with the run and its new name
 */
@customElement("kelvin-run-row")
export class RunRow extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    progressBars,
    types,
    css`
      article { display: grid; grid-template-columns: minmax(12rem, 1.6fr) minmax(8rem, 0.8fr) minmax(17rem, auto) minmax(12rem, auto); overflow-wrap: anywhere; gap: var(--k-space-3) var(--k-space-5); align-items: center; padding: var(--k-space-4) var(--k-space-5); background: var(--k-surface); border: 1px solid var(--k-line); border-radius: var(--k-radius-3); }
      article.on { border-color: var(--k-ink); }
      h2 { font-size: var(--k-text-md); font-weight: var(--k-weight-bold); letter-spacing: var(--k-tracking-tight); overflow-wrap: anywhere; }
      .what, .progress p { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .progress { display: grid; gap: 0.4rem; }
      dl { display: flex; flex-wrap: wrap; gap: 0.2rem var(--k-space-5); }
      dl div { display: grid; gap: 0.05rem; }
      dt { font-size: var(--k-text-2xs); color: var(--k-ink-2); }
      dd { display: flex; align-items: baseline; gap: 0.35rem; }
      dd b { font-size: var(--k-text-lg); }
      dd small { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .actions { display: flex; flex-wrap: wrap; gap: var(--k-space-3); justify-content: end; }
      .actions p { max-width: 18rem; font-size: var(--k-text-xs); }
      form { display: flex; flex-wrap: wrap; gap: var(--k-space-3); margin-bottom: var(--k-space-3); }
      form input { flex: 1 1 100%; }
      @media (max-width: 1279px) { article { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } .actions { justify-content: start; } }
      @media (max-width: 720px) { article { grid-template-columns: minmax(0, 1fr); padding: var(--k-space-4); } }
    `,
  ];

  @property({ attribute: false }) run!: ListedRun;
  /** Of the model in use, where its files were chosen. */
  @property() digest: string | undefined;
  /** Those of the engine, by which a run's method is called. */
  @property({ attribute: false }) methods: readonly MethodInfo[] = [];
  @state() private renaming = false;

  override render() {
    const { run } = this;
    return html`<article class=${run.busy ? "on" : ""} aria-labelledby="name">
      <div>${this.renaming ? this.renderRename() : html`<h2 id="name">${run.name}</h2>`}
        <p class="what number">${methodTitle(run.run.method, this.methods)} · ${run.model.name} · seed ${run.run.seed} · ${dateText(run.created)} · ${bytes(run.bytes)}</p></div>
      <div class="progress"><progress max=${run.run.steps} value=${run.steps} aria-label="${run.steps} of ${run.run.steps} steps"></progress><p class="number">${progressText(run)}</p></div>
      ${this.renderAccuracy()}
      <div class="actions" role="group" aria-label="Actions">${this.renderActions()}</div>
    </article>`;
  }

  private renderAccuracy() {
    const measured = changes(this.run);
    if (measured.length === 0) return html`<p class="quiet">not evaluated</p>`;
    return html`<dl aria-label="Held-out accuracy, percent, and its change">${measured.map(
      ({ subject, now, change }) =>
        html`<div class=${subject}><dt>${subjectLabel(subject)}</dt><dd class="number"><b>${now}</b><small>${change}</small></dd></div>`,
    )}</dl>`;
  }

  private renderRename() {
    return html`<form @submit=${this.onRename}>
      <input aria-label="New name" name="name" maxlength="80" .value=${this.run.name} @keydown=${this.onKey} />
      <button class="button" type="submit">Keep the name</button>
      <button class="button" type="button" @click=${this.leaveName}>Cancel</button></form>`;
  }

  private renderActions() {
    const { run } = this;
    if (run.busy)
      return html`<p class="quiet">Under way. Once it has ended, or was reset, it can be replayed and exported.</p>`;
    return html`${canGoOn(run) ? this.renderResume() : nothing}
      <button class="button" type="button" @click=${() => this.act("replay")}>${icon("runs")}Replay</button>
      <wa-dropdown placement="bottom-end" @wa-select=${this.onSelect}>
        <button class="button" slot="trigger" type="button" aria-label="More for ${run.name}">More</button>
        <wa-dropdown-item value="rename">Rename</wa-dropdown-item>
        <wa-dropdown-item value="duplicate">Duplicate with changes</wa-dropdown-item>
        ${EXPORTS.map(([kind, label, weights]) => html`<wa-dropdown-item value=${kind} ?disabled=${weights && run.checkpoint === null}>Export: ${label}</wa-dropdown-item>`)}
        <wa-dropdown-item value="delete" variant="danger">Delete</wa-dropdown-item>
      </wa-dropdown>`;
  }

  /** A page cannot open a visitor's files again by itself. */
  private renderResume() {
    const folder = folderToChoose(this.run, this.digest);
    if (folder === null)
      return html`<button class="button" type="button" @click=${() => this.act("resume")}>${icon("start")}Resume</button>`;
    return html`<p class="quiet">Its model lies in your folder “${folder}”.</p>
      <button class="button" type="button" @click=${this.chooseFolder}>${icon("start")}Choose the folder and resume</button>
      <input type="file" webkitdirectory hidden aria-label="Folder of the model ${folder}" @change=${this.onFolder} />`;
  }

  private chooseFolder(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  private onFolder(event: Event): void {
    const files = takeFiles(event);
    if (files.length > 0) this.act("resume", files);
  }

  private onSelect(event: CustomEvent<{ item: { value: string } }>): void {
    const { value } = event.detail.item;
    if (value === "rename") void this.rename();
    else this.act(value as RunAction);
  }

  private act(action: RunAction, files: readonly File[] = []): void {
    this.dispatchEvent(new CustomEvent<RunActionEvent>("run-action", { detail: { run: this.run, action, files } }));
  }

  private async rename(): Promise<void> {
    this.renaming = true;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>("input")?.select();
  }

  private onRename(event: SubmitEvent): void {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get("name"));
    void this.leaveName();
    this.dispatchEvent(new CustomEvent("run-rename", { detail: { run: this.run, name } }));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") void this.leaveName();
  }

  /** Moves the focus back to the menu, for keyboard users. */
  private async leaveName(): Promise<void> {
    this.renaming = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("wa-dropdown > button")?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-run-row": RunRow;
  }
}
