import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { kindText } from "../../contracts";
import { type LossShare, lossShare } from "../../telemetry/loss-share";
import type { RunState } from "../../telemetry/state";
import { signed, stepNumber } from "../format";
import { icon } from "../icons";
import { comes, NOT_LOADED } from "../missing-part";
import { phaseNote } from "../phase-notes";
import { type Explained, type Store, StoreController } from "../store";
import { base, buttons } from "../styles";
import { learnPlace, placeLink } from "../visit";

/** "Why this number?": the arithmetic of one advantage, frozen at its moment; without one, an explanation of the phase. */
@customElement("kelvin-explainer")
export class Explainer extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      :host, section { height: 100%; }
      section { display: flex; flex-direction: column; min-width: 0; border: 1px solid var(--k-line); border-radius: var(--k-radius-3); padding: 0.5rem var(--k-space-5) 0.7rem; }
      .opened { position: relative; background: var(--k-raised); border-color: var(--k-line-strong); box-shadow: var(--k-shadow-3); animation: drop var(--k-dur-3) var(--k-ease-out); }
      .opened:focus { outline: none; box-shadow: var(--k-shadow-3); border-radius: var(--k-radius-3); }
      @keyframes drop { from { transform: translateY(8px); opacity: 0; } }
      .opened::before { content: ""; position: absolute; left: -0.44rem; top: 0.95rem; width: 0.8rem; height: 0.8rem; background: inherit; border: solid var(--k-line-strong); border-width: 0 0 1px 1px; transform: rotate(45deg); }
      header { display: flex; align-items: center; gap: var(--k-space-4); margin-right: -0.5rem; min-height: 2rem; }
      header .button { margin-left: auto; }
      header p { color: var(--k-ink-3); }
      h2 { font-size: var(--k-text-md); }
      p { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .note { margin-block: auto; font-size: var(--k-text-md); line-height: 1.5; max-width: 34rem; text-wrap: pretty; }
      .more { margin-top: auto; padding-top: 0.3rem; }
      a { color: inherit; text-underline-offset: 3px; }
      .hint { color: var(--k-ink-3); }
      @media (max-width: 1000px) { .opened::before { display: none; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private missing = false;
  private opener: Element | null = null;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { explained } = this.store.selection;
    return explained ? this.renderExplained(explained) : this.renderNote();
  }

  override willUpdate(): void {
    const open = this.store.selection.explained !== null;
    if (open && this.opener === null) this.opener = deepActiveElement();
  }

  override updated(): void {
    const section = this.renderRoot.querySelector<HTMLElement>(".opened");
    if (section && !section.dataset["focused"]) {
      section.dataset["focused"] = "yes";
      section.focus({ preventScroll: true });
      void this.fill(section);
    }
  }

  /** The card opens at once, its figures follow. Scrolls its top, and all of it if it fits, into view. */
  private async fill(section: HTMLElement): Promise<void> {
    this.missing = !(await comes(() => import("./arithmetic")));
    await new Promise(requestAnimationFrame);
    section.scrollIntoView({ block: "nearest" });
  }

  private renderExplained(explained: Explained) {
    const { step, record, share } = explained;
    const { run } = this.store;
    const config = run.header?.config ?? null;
    return html`<section class="opened" role="dialog" aria-labelledby="title" tabindex="-1" @keydown=${this.onKey}>
      <header><h2 id="title">Why ${signed(share.advantage)}?</h2><p class="number">step ${stepNumber(step)}, ${kindText(record.prompt.kind)}</p>
        <button class="button bare" type="button" aria-label="Close" @click=${this.close}>${icon("close")}</button></header>
      <kelvin-arithmetic .explained=${explained} .config=${config} .loss=${lossOf(explained, run)}></kelvin-arithmetic>
      ${this.missing ? html`<p role="alert">The arithmetic ${NOT_LOADED}</p>` : nothing}
      <p class="more">${placeLink(learnPlace(`${run.header?.method ?? "basics"}/advantage`), "How advantages work")}</p>
    </section>`;
  }

  private renderNote() {
    const note = phaseNote(this.store.run, this.store.session.motion);
    return html`<section aria-label="What happens now">
      <header><h2>${note.title}</h2></header><p class="note">${note.text}</p>
      <p class="hint">${this.hint}</p>
    </section>`;
  }

  /** What can be done now; before advantages exist nothing can be pressed. */
  private get hint(): string {
    if (this.store.stageStep.credits.length > 0) return "Press an advantage to see the arithmetic behind it.";
    return this.store.session.motion === "paused" ? "The space bar goes on to the end of the next phase." : "";
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  }

  private close(): void {
    this.store.select({ explained: null });
    if (this.opener instanceof HTMLElement) this.opener.focus();
    this.opener = null;
  }
}

/** Its term of the loss, with the metrics of its step if finished. */
function lossOf({ step, record, share, credits }: Explained, { history, header }: RunState): LossShare | null {
  const metrics = history.findLast((one) => one.step === step)?.metrics ?? null;
  const sample = { advantage: share.advantage, tokens: record.sample.logprobs.length };
  return lossShare(sample, { credits, metrics, before: history.at(-1)?.metrics }, header?.config ?? null);
}

function deepActiveElement(): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-explainer": Explainer;
  }
}
