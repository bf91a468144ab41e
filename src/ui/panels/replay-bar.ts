import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { methodName } from "../../telemetry/method-name";
import { finishedSteps, type RunHeader } from "../../telemetry/state";
import { whole } from "../format";
import { type Store, StoreController } from "../store";
import { base, buttons, fields } from "../styles";

/** How many times faster than it happened. */
const SPEEDS = [1, 2, 5, 10, 20, 50];

/** Over a recorded run: what it is a recording of, where it stands, how fast it goes, and the way back. */
@customElement("kelvin-replay-bar")
export class ReplayBar extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    css`
      section { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem var(--k-space-5); padding: 0.25rem var(--k-space-5); }
      .what { flex: 2 1 28rem; min-width: 0; font-size: var(--k-text-xs); color: var(--k-ink-2); text-wrap: pretty; }
      .what b { color: var(--k-ink); }
      .controls { display: flex; flex: 1 1 26rem; align-items: center; gap: var(--k-space-4); }
      label { display: flex; align-items: center; gap: 0.4rem; white-space: nowrap; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .place { flex: 1; min-width: 0; }
      input[type="range"] { flex: 1; width: 100%; padding: 0; border: 0; background: none; accent-color: var(--k-ink); }
      .at { min-width: 4.2rem; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      @media (max-width: 720px) { :host([compact]) .what { display: none; } section { padding: var(--k-space-3) var(--k-space-4); } .controls { flex-wrap: wrap; } .place { flex-basis: 70%; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { run, timeline } = this.store;
    const steps = timeline?.steps ?? 0;
    const step = Math.min(finishedSteps(run), steps);
    const speed = timeline?.speed ?? 1;
    return html`<section aria-label="Recorded run">
      <p class="what number"><b>A recorded run.</b> ${run.header ? describe(run.header) : ""}</p>
      <div class="controls">
        <label class="place"><span>Step</span><input type="range" min="0" max=${steps} step="1" .value=${String(step)} aria-valuetext="step ${step} of ${steps}" @input=${this.onSeek} /></label>
        <span class="at number" aria-hidden="true">${step} of ${steps}</span>
        <label><span>Speed</span><select class="number" @change=${this.onSpeed}>
          ${speeds(speed).map((value) => html`<option value=${value} ?selected=${value === speed}>${value}×</option>`)}
        </select></label>
        <button class="button" type="button" @click=${() => this.store.reset()}>Close the recording</button>
      </div>
    </section>`;
  }

  private onSeek(event: Event): void {
    this.store.seek(Number((event.target as HTMLInputElement).value));
  }

  private onSpeed(event: Event): void {
    this.store.playAt(Number((event.target as HTMLSelectElement).value));
  }
}

/** The choices, and the speed that is on where it is none of them. */
function speeds(now: number): number[] {
  return [...new Set([...SPEEDS, now])].sort((a, b) => a - b);
}

/** Model, method, seed and adapter, and what a smaller log leaves out. */
function describe({ model, method, seed, device, thinned }: RunHeader): string {
  const who = `${model.name} (${whole(model.parameters)} parameters) trained by ${methodName(method)}, seed ${seed}, on ${device}.`;
  if (!thinned) return who;
  return `${who} ${whole(thinned.kept)} of its ${whole(thinned.of)} samples kept: ${thinned.rule}; figures count all.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-replay-bar": ReplayBar;
  }
}
