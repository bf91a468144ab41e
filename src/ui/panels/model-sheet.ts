import "@awesome.me/webawesome/dist/components/radio/radio.js";
import "@awesome.me/webawesome/dist/components/radio-group/radio-group.js";
import type WaRadioGroup from "@awesome.me/webawesome/dist/components/radio-group/radio-group.js";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import {
  chosenFolder,
  KelvinError,
  LORA_TARGETS,
  type LoraConfig,
  type MemoryNeed,
  type ModelChoice,
  type ModelDownload,
  SHIPPED_MODELS,
  type ModelSheet as Sheet,
} from "../../contracts";
import "../elements/data-table";
import "../elements/modal-dialog";
import { bytes, whole } from "../format";
import { icon } from "../icons";
import { isAddress, sameModel } from "../model-choice";
import type { Failure } from "../session";
import { DEFAULT_SETUP, runConfig } from "../setup";
import { type Store, StoreController } from "../store";
import { base, buttons, fields, notes } from "../styles";
import { takeFiles } from "../take-files";
import { resetNote, resetNotes } from "./reset-note";

/** Default rank of adapters. */
const USUAL_RANK = 8;

/**
 * The model sheet: facts about the model, and a choice of another, which is inspected before its weights are downloaded.
 * @fires closed
 */
@customElement("kelvin-model-sheet")
export class ModelSheet extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    notes,
    resetNotes,
    css`
      section { display: grid; gap: var(--k-space-4); }
      section + section { border-top: 1px solid var(--k-line); padding-top: var(--k-space-4); }
      h3 { font-size: var(--k-text-md); }
      .row { display: flex; flex-wrap: wrap; gap: var(--k-space-3); align-items: center; }
      fieldset { display: grid; gap: var(--k-space-3); border: 0; margin: 0; padding: 0; }
      label { display: grid; gap: 0.2rem; }
      label > span { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .address { flex: 1 1 16rem; }
      wa-radio-group::part(label) { margin-bottom: 0.2rem; font-weight: var(--k-weight-medium); }
      wa-radio { min-height: var(--k-target); align-items: center; font-size: var(--k-text-sm); }
      .rank { grid-template-columns: auto 5rem; align-items: center; justify-content: start; gap: var(--k-space-3); }
      .quiet { font-size: var(--k-text-xs); }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private choice: ModelChoice = DEFAULT_SETUP.model;
  @state() private lora: LoraConfig | null = null;
  @state() private sheet: Sheet | null = null;
  @state() private failure: KelvinError | null = null;
  @state() private downloads: readonly ModelDownload[] = [];
  @state() private busy = false;
  /** The model that the visitor asked to look at: a link or a stranger's run may have named the one that is considered. */
  @state() private asked: ModelChoice | null = null;
  /** How often a model was looked at: what an earlier look finds is of another model, or of other adapters. */
  private looks = 0;

  constructor() {
    super();
    new StoreController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.begin(this.store.modelChoice);
  }

  /** Starts with a model and the setup's adapters. */
  private begin(choice: ModelChoice): void {
    this.choice = choice;
    this.lora = this.store.setup.lora;
    // Files that must be chosen again cannot be inspected.
    if (typeof choice === "object" || chosenFolder(choice) === null) void this.look();
  }

  override render() {
    return html`<kelvin-dialog heading="Model" open @closed=${this.onClosed}>
      ${this.renderFailure()}
      ${this.sheet ? this.renderSheet(this.sheet) : this.renderNoSheet()}
      ${this.renderTraining()}
      ${this.renderOther()}
    </kelvin-dialog>`;
  }

  /** Why this model could not be inspected or loaded. */
  private renderFailure() {
    const failure = this.failure ?? this.loadFailure;
    if (!failure) return nothing;
    return html`<div class="said failure" role="alert">${icon("caution")}<p class="first">${failure.message}</p><p>${failure.hint}</p></div>`;
  }

  private get loadFailure(): Failure | null {
    const { loaded, failure } = this.store.session;
    return loaded ? null : failure;
  }

  private renderNoSheet() {
    const { choice } = this;
    if (this.busy) return html`<p>Reading its configuration…</p>`;
    if (!isAddress(choice) || this.isAsked) return html`<p>Choose a model below.</p>`;
    return html`<section><h3>${choice.url}</h3><p>Nothing was read from this address yet.</p>
      <div class="row"><button class="button primary" type="button" @click=${() => this.consider(choice)}>Look at it</button></div></section>`;
  }

  private renderSheet(sheet: Sheet) {
    const { loaded } = this.store.session;
    const here = sameModel(this.choice, this.store.modelChoice);
    const progress = loaded ? "In use" : this.loadFailure ? "Could not be loaded" : "Being loaded";
    const caption = here && !this.needsWord ? progress : "Looked at, not loaded";
    return html`<section><h3>${sheet.name}</h3>
      <kelvin-data-table caption=${caption} .columns=${["of the model", "value"]} .rows=${rowsOf(sheet)}></kelvin-data-table>
      <kelvin-data-table caption="Bytes on the device${here && loaded ? "" : ", before any are taken"}" .columns=${["for", "bytes"]} .rows=${needRows(sheet.need)}></kelvin-data-table>
      ${
        here && !this.needsWord
          ? nothing
          : html`<div class="row"><button class="button primary" type="button" ?disabled=${this.store.started} @click=${this.use}>Use this model</button></div>`
      }
    </section>`;
  }

  private renderTraining() {
    const rank = this.lora?.rank ?? USUAL_RANK;
    if (this.store.started) return this.renderTrained();
    return html`<section><fieldset @change=${this.onTraining}>
      <wa-radio-group name="trained" label="What is trained" size="s" .value=${this.lora === null ? "full" : "lora"}>
        <wa-radio value="full">All of its weights</wa-radio>
        <wa-radio value="lora">Adapters only (LoRA), the weights frozen</wa-radio>
      </wa-radio-group>
      <label class="rank">Rank of the adapters<input type="number" name="rank" min="1" max="1024" ?disabled=${this.lora === null} .value=${String(rank)} /></label>
      <p class="quiet">Adapters take a fraction of the memory for gradients and moments, which lets larger models train. They learn at ten times the rate, unless Settings says otherwise.</p>
      ${this.lora ? this.renderBase(this.lora) : nothing}
    </fieldset></section>`;
  }

  private renderBase({ base = "float32" }: LoraConfig) {
    const saved = this.sheet ? `, ${bytes(this.sheet.savedByHalves)} less` : "";
    return html`<wa-radio-group name="base" label="How the frozen weights are held" size="s" .value=${base}>
        <wa-radio value="float32">Full precision (float32)</wa-radio>
        <wa-radio value="float16">Half precision (float16)${saved}</wa-radio>
      </wa-radio-group>
      <p class="quiet">Half precision rounds every weight to 11 bits, so the model says something slightly different, unless its files hold float16 already. Full precision is the choice wherever it fits.</p>`;
  }

  /** During a run, shows only what it trains. */
  private renderTrained() {
    const frozen = this.lora?.base === "float16" ? "the weights frozen, in half precision" : "the weights frozen";
    const what = this.lora ? `adapters of rank ${this.lora.rank}, ${frozen}` : "all of its weights";
    // The inspected model stays; otherwise show the model that trains next.
    const looked = sameModel(this.choice, this.store.modelChoice) ? null : this.choice;
    return html`<section>${resetNote(this.store, () => this.freed(looked))}<p><b>What is trained:</b> ${what}.</p></section>`;
  }

  private async freed(looked: ModelChoice | null): Promise<void> {
    this.begin(looked ?? this.store.modelChoice);
    this.requestUpdate();
    await this.updateComplete;
    const first = this.renderRoot.querySelector<WaRadioGroup>("wa-radio-group");
    await first?.updateComplete;
    first?.focus();
  }

  private renderOther() {
    return html`<section><h3>Another model</h3>
      <p>A folder in the layout of Hugging Face with config.json, tokenizer.json and safetensors, of the Llama, Qwen2 or Qwen3 family.</p>
      <form class="row" @submit=${this.onAddress}>
        <label class="address">Address of a model<input name="address" type="url" required /><span>such as https://huggingface.co/OWNER/MODEL</span></label>
        <button class="button" type="submit">Look at it</button></form>
      ${this.renderDownloads()}
      <div class="row"><button class="button" type="button" @click=${this.chooseFolder}>Choose a folder on this device</button>
        <input type="file" webkitdirectory hidden aria-label="Folder of a model" @change=${this.onFolder} />
        ${SHIPPED_MODELS.filter((name) => name !== this.choice).map((name) => html`<button class="button" type="button" @click=${() => this.consider(name)}>${name === DEFAULT_SETUP.model ? "Back to" : "Look at"} ${name}</button>`)}</div>
    </section>`;
  }

  /** Downloaded models work without a network and take up room. */
  private renderDownloads() {
    if (this.downloads.length === 0) return nothing;
    return html`<ul aria-label="Models kept on this device">${this.downloads.map(
      (kept) =>
        html`<li class="row"><b>${kept.name}</b><span class="number">${bytes(kept.bytes)} on this device</span>
          <button class="button" type="button" @click=${() => this.consider({ url: kept.url })}>Look at it</button>
          <button class="button" type="button" aria-label="Remove ${kept.name} from this device" @click=${() => this.forget(kept)}>Remove</button></li>`,
    )}</ul>`;
  }

  private async forget({ url }: ModelDownload): Promise<void> {
    await this.attempt(async () => {
      await this.store.ask("removeDownload", { url });
      await this.listDownloads();
    });
  }

  /** A link named this model: the visitor must agree before anything is downloaded. */
  private get needsWord(): boolean {
    return this.store.complaint?.reason === "model";
  }

  /** Whether the visitor asked to look at this model, or did so on another day. */
  private get isAsked(): boolean {
    return this.store.mayRead(this.choice) || (this.asked !== null && sameModel(this.choice, this.asked));
  }

  private consider(choice: ModelChoice): void {
    this.choice = choice;
    this.asked = choice;
    void this.look();
  }

  /** Reads the configuration of the considered model, without its weights. */
  private async look(): Promise<void> {
    this.looks += 1;
    const look = this.looks;
    this.sheet = null;
    if (!this.isAsked) return;
    this.busy = true;
    await this.attempt(async () => {
      const run = runConfig(this.store.setup, this.store.session.methods);
      const sheet = await this.store.ask("inspect", { model: this.choice, lora: this.lora, run });
      if (look === this.looks) this.sheet = sheet;
      await this.listDownloads();
    });
    if (look === this.looks) this.busy = false;
  }

  private async listDownloads(): Promise<void> {
    this.downloads = await this.store.ask("downloads", null);
  }

  /** Asks the trainer. An error is shown in place, unless another model was considered since. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    const { looks } = this;
    this.failure = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof KelvinError)) throw error;
      if (looks === this.looks) this.failure = error;
    }
  }

  private use(): void {
    this.store.useModel(this.choice, this.sheet?.name ?? "");
  }

  private onTraining(event: Event): void {
    const form = event.currentTarget as HTMLElement;
    const chosen = (name: string) => form.querySelector<WaRadioGroup>(`wa-radio-group[name=${name}]`)?.value;
    const rank = Number(form.querySelector<HTMLInputElement>("input[name=rank]")?.value);
    const lora: LoraConfig = { rank, alpha: 2 * rank, targets: LORA_TARGETS };
    const base = chosen("base") === "float16" ? { base: "float16" as const } : {};
    this.lora = chosen("trained") === "full" ? null : { ...lora, ...base };
    this.store.configure({ lora: this.lora });
    void this.look();
  }

  private onAddress(event: SubmitEvent): void {
    event.preventDefault();
    const url = String(new FormData(event.target as HTMLFormElement).get("address")).trim();
    this.consider({ url });
  }

  private chooseFolder(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  private onFolder(event: Event): void {
    const files = takeFiles(event);
    if (files.length > 0) this.consider({ files });
  }

  private onClosed(): void {
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

/** Memory by purpose, largest first, and the total. */
function needRows({ total, ...parts }: MemoryNeed): string[][] {
  const shown = Object.entries(parts).filter(([, count]) => count > 0);
  const rows = shown
    .sort(([, a], [, b]) => b - a)
    .map(([part, count]) => [NEED[part as keyof typeof NEED], bytes(count)]);
  return [...rows, ["in all", bytes(total)]];
}

const NEED = {
  weights: "weights",
  gradients: "gradients",
  optimizer: "moments of the optimizer",
  reference: "a frozen copy that a penalty holds it to",
  activations: "activations of the passes that learn",
  cache: "keys and values while it writes",
  scratch: "everything else",
  replicas: "copies for the processor's other cores",
} as const;

function rowsOf(sheet: Sheet): string[][] {
  const { family, layers, hidden, intermediate, queryHeads, keyHeads, vocabulary, contextLength, tied } = sheet;
  return [
    ["family", family],
    ["parameters", whole(sheet.parameters)],
    ["trained parameters", whole(sheet.trained)],
    ["layers", whole(layers)],
    ["width", whole(hidden)],
    ["feed-forward width", whole(intermediate)],
    ["heads of queries, of keys", `${whole(queryHeads)}, ${whole(keyHeads)}`],
    ["vocabulary", `${whole(vocabulary)} tokens`],
    ["embedding and head", tied ? "one table" : "two tables"],
    ["longest sequence", `${whole(contextLength)} tokens`],
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-model-sheet": ModelSheet;
  }
}
