import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { describeLora } from "../../contracts";
import { finishedSteps, type RunHeader } from "../../telemetry/state";
import { controls, select, slider } from "../elements/controls";
import "../elements/data-table";
import "../elements/modal-dialog";
import { whole } from "../format";
import { type Store, StoreController } from "../store";
import { base, buttons } from "../styles";

/** Speeds relative to the recording. */
const SPEEDS = [1, 2, 5, 10, 20, 50];

/** The bar over a recorded run: its origin, position and speed, and the way back. */
@customElement("kelvin-replay-bar")
export class ReplayBar extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    controls,
    css`
      section { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem var(--k-space-5); min-height: 2.75rem; padding: 0.25rem var(--k-space-5); }
      .what { display: flex; flex: 1 1 20rem; flex-wrap: wrap; align-items: center; gap: 0 var(--k-space-3); min-width: 0; font-size: var(--k-text-xs); color: var(--k-ink-2); overflow-wrap: anywhere; }
      .what b { color: var(--k-ink); }
      .about { min-height: var(--k-target); padding: 0; border: 0; background: none; text-decoration: underline; text-underline-offset: 3px; }
      .controls { display: flex; flex: 1 1 26rem; align-items: center; gap: var(--k-space-4); }
      wa-slider { flex: 1; }
      wa-select { width: 7.2rem; flex: none; }
      .at { min-width: 4.2rem; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      @media (max-width: 720px) { :host([compact]) .what { display: none; } section { padding: var(--k-space-3) var(--k-space-4); } .what, .controls { flex-basis: 100%; } .controls { flex-wrap: wrap; } wa-slider { flex-basis: 70%; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private aboutOpen = false;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { run } = this.store;
    return html`<section aria-label="Recorded run">
      <p class="what"><b>A recorded run</b> ${run.header ? nameOf(run.header) : ""}
        <button class="about" type="button" aria-haspopup="dialog" @click=${this.toggleAbout}>About this recording</button></p>
      ${this.renderControls()}
      <kelvin-dialog heading="About this recording" .open=${this.aboutOpen} @closed=${this.toggleAbout}>
        ${this.aboutOpen && run.header ? about(run.header) : ""}
      </kelvin-dialog>
    </section>`;
  }

  private renderControls() {
    const { run, timeline } = this.store;
    const steps = timeline?.steps ?? 0;
    const step = Math.min(finishedSteps(run), steps);
    const speed = timeline?.speed ?? 1;
    const words = (value: number) => `step ${value} of ${steps}`;
    return html`<div class="controls">
      ${slider({ label: "Step", min: 0, max: Math.max(1, steps), value: step, words, labelled: "beside", onInput: (to) => this.store.seek(to) })}
      <span class="at number" aria-hidden="true">${step} of ${steps}</span>
      ${select({ label: "Speed", value: String(speed), options: speeds(speed).map((value) => [String(value), `${value}×`]), labelled: "beside", onChange: (to) => this.store.playAt(Number(to)) })}
      <button class="button" type="button" @click=${() => this.store.reset()}>Close the recording</button>
    </div>`;
  }

  private toggleAbout(): void {
    this.aboutOpen = !this.aboutOpen;
  }
}

/** The choices, plus the current speed if it is another. */
function speeds(now: number): number[] {
  return [...new Set([...SPEEDS, now])].sort((a, b) => a - b);
}

/** In one line: method, model and seed. */
function nameOf({ display, model, seed }: RunHeader): string {
  return `${display.title} on ${model.name}, seed ${seed}`;
}

/** Where the numbers come from, and what a smaller log leaves out. */
function about({ display, model, seed, steps, device, lora, thinned }: RunHeader) {
  const rows = [
    ["method", display.title],
    ["model", `${model.name}, ${whole(model.parameters)} parameters`],
    ["trained", lora ? describeLora(lora) : "the whole model"],
    ["seed", String(seed)],
    ["planned steps", whole(steps)],
    ["recorded on", device],
    ["samples kept", thinned ? `${whole(thinned.kept)} of ${whole(thinned.of)}` : "all"],
  ];
  return html`<p>This run happened before; nothing is computed now, and no GPU is needed. Every number is the one that was measured then.</p>
    <kelvin-data-table caption="The recorded run" .columns=${["what", "value"]} .rows=${rows}></kelvin-data-table>
    ${thinned ? html`<p>The log was made smaller to ship with the page. Kept: ${thinned.rule}. All figures count every sample.</p>` : ""}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-replay-bar": ReplayBar;
  }
}
