import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/dot-strip";
import { fixed, signed } from "../format";
import { icon } from "../icons";
import { phaseNote } from "../phase-notes";
import type { CreditShare } from "../scenes";
import { type Explained, type Store, StoreController } from "../store";
import { base, buttons } from "../styles";

/** "Why this number?": the arithmetic of one advantage, frozen at its moment; without one, what this phase does. */
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
      header { display: flex; align-items: center; justify-content: space-between; margin-right: -0.5rem; min-height: 2rem; }
      h2 { font-size: var(--k-text-md); }
      .arithmetic { flex: 1; display: flex; align-items: center; justify-content: space-between; gap: var(--k-space-5); padding-block: 0.3rem; }
      .equation { display: flex; align-items: center; gap: 0.5rem; white-space: nowrap; }
      .equation b { font-size: 1.25rem; line-height: 1.1; }
      small { color: var(--k-ink-3); font-size: var(--k-text-2xs); }
      .fraction { display: grid; justify-items: center; }
      .top { display: flex; gap: 0.5rem; align-items: baseline; padding-bottom: 0.25rem; border-bottom: 1.5px solid var(--k-ink); }
      .bottom { padding-top: 0.25rem; }
      .term, .bottom { display: grid; justify-items: center; }
      .result { font-size: 1.5rem; font-weight: var(--k-weight-bold); letter-spacing: var(--k-tracking-tight); }
      .warm { color: var(--k-heat-text-warm); }
      .cold { color: var(--k-heat-text-cold); }
      kelvin-dot-strip { flex: 1 1 13rem; max-width: 17rem; }
      p { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .note { margin-block: auto; font-size: var(--k-text-md); line-height: 1.5; max-width: 34rem; text-wrap: pretty; }
      .hint { color: var(--k-ink-3); }
      @media (max-width: 1000px) { .opened::before { display: none; } }
      @media (max-width: 720px) { .arithmetic { flex-wrap: wrap; justify-content: center; } kelvin-dot-strip { flex-basis: 15rem; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
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
      section.focus({ preventScroll: innerWidth > 1000 });
    }
  }

  private renderExplained({ step, record, share }: Explained) {
    const { credit, advantage } = share;
    const size = credit.rewards.length;
    const sign = Math.abs(advantage) < 0.005 ? "" : advantage < 0 ? "cold" : "warm";
    return html`<section class="opened" role="dialog" aria-labelledby="title" tabindex="-1" @keydown=${this.onKey}>
      <header><h2 id="title">Why ${signed(advantage)}?</h2>
        <button class="button bare" type="button" aria-label="Close" @click=${this.close}>${icon("close")}</button></header>
      <div class="arithmetic">
        <div class="equation number" role="math" aria-label="${fixed(share.reward)} minus ${fixed(credit.mean)}, divided by ${fixed(credit.deviation)}, is ${signed(advantage)}">
          <span class="fraction"><span class="top">
              <span class="term"><b>${fixed(share.reward)}</b><small>its reward</small></span><span>−</span>
              <span class="term"><b>${fixed(credit.mean)}</b><small>mean of ${size}</small></span></span>
            <span class="bottom"><b>${fixed(credit.deviation)}</b><small>spread of the ${size}</small></span></span>
          <span>=</span><span class="result ${sign}">${signed(advantage)}</span>
        </div>
        <kelvin-dot-strip .rewards=${credit.rewards} .mean=${credit.mean} .deviation=${credit.deviation} .mine=${share.reward}></kelvin-dot-strip>
      </div>
      <p>${sentence(step, record.sample.logprobs.length, share)}</p>
    </section>`;
  }

  private renderNote() {
    const note = phaseNote(this.store.run, this.store.session.motion);
    return html`<section aria-label="What happens now">
      <header><h2>${note.title}</h2></header><p class="note">${note.text}</p>
      <p class="hint">Press an advantage to see the arithmetic behind it.</p>
    </section>`;
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

function sentence(step: number, tokens: number, { credit, advantage }: CreditShare): string {
  const shared = `In step ${step}, ${credit.rewards.length} samples shared the baseline “${credit.group}”.`;
  if (credit.deviation === 0)
    return `${shared} All earned the same, so there is nothing to prefer and nothing is learned from them.`;
  if (advantage === 0)
    return `${shared} This one was exactly average, so the update leaves its ${tokens} tokens as they are.`;
  const direction = advantage > 0 ? "more" : "less";
  return `${shared} The update makes these ${tokens} tokens ${direction} likely, each with weight ${fixed(Math.abs(advantage))}.`;
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
