import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Choice, PairToJudge, Preference, ShownProgram } from "../../contracts";
import { cutText } from "../cut";
import "../elements/code-listing";
import { icon } from "../icons";
import { KeyController } from "../key-controller";
import { isMoved, isTyped } from "../navigation";
import { base, buttons, cards } from "../styles";

const KEYS: Readonly<Record<string, Choice>> = { ArrowLeft: "a", ArrowRight: "b" };

/** Two programs: the visitor says which is better, or sees what was chosen. Sends "chosen". */
@customElement("kelvin-choice-panel")
export class ChoicePanel extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--k-space-4); }
      h1 { font-size: var(--k-text-md); font-weight: var(--k-weight-bold); margin-right: auto; }
      .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--k-space-4); }
      .card { padding: var(--k-space-4) var(--k-space-5); gap: var(--k-space-3); }
      .card.chosen { border-color: var(--k-ink); box-shadow: inset 0 0 0 1px var(--k-ink); }
      dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.1rem var(--k-space-4); font-size: 0.875rem; }
      dt { color: var(--k-ink-3); font-size: var(--k-text-xs); align-self: center; }
      dd { font-family: var(--k-font-mono); overflow-wrap: anywhere; }
      .button { align-self: start; margin-top: auto; }
      @media (max-width: 720px) { .pair { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  /** What is asked; null while nothing is. */
  @property({ attribute: false }) asking: PairToJudge | null = null;
  /** What was chosen last, shown while nothing is asked. */
  @property({ attribute: false }) latest: Preference | null = null;

  constructor() {
    super();
    new KeyController(this, (event) => {
      const chosen = KEYS[event.key];
      if (!chosen || !this.asking || isTyped(event) || isMoved(event)) return;
      event.preventDefault();
      this.choose(chosen);
    });
  }

  override render() {
    const shown = this.asking ?? this.latest;
    if (!shown) return nothing;
    const { expected } = shown;
    return html`<div class="head">
        <h1>${this.asking ? "Which program is better?" : `Chosen by ${this.latest?.by}`}</h1>
        ${expected === null ? nothing : html`<p class="quiet">${expectation(expected)}</p>`}
        ${this.asking ? html`<p class="number" role="status">${this.asking.done + 1} of ${this.asking.total}</p>` : nothing}
      </div>
      <div class="pair">${this.renderProgram("a", shown.a)}${this.renderProgram("b", shown.b)}</div>`;
  }

  private renderProgram(side: Choice, { program, input, output }: ShownProgram) {
    const isChosen = !this.asking && this.latest?.chosen === side;
    const title = side === "a" ? "Left program" : "Right program";
    return html`<section class=${isChosen ? "card chosen" : "card"} aria-label=${isChosen ? `${title}, chosen` : title}>
      <kelvin-code-listing .code=${program} label=${title}></kelvin-code-listing>
      <dl><dt>input</dt><dd>${cutText(input)}</dd><dt>output</dt><dd>${cutText(output)}</dd></dl>
      ${this.asking ? html`<button class="button" type="button" @click=${() => this.choose(side)}>${side === "a" ? icon("previous") : nothing}This one${side === "b" ? icon("next") : nothing}</button>` : nothing}
    </section>`;
  }

  private choose(chosen: Choice): void {
    this.dispatchEvent(new CustomEvent<Choice>("chosen", { detail: chosen }));
  }
}

/** What the reward model expects, in words. */
function expectation(ofA: number): string {
  const share = Math.round(100 * Math.max(ofA, 1 - ofA));
  return share === 50
    ? "The reward model cannot tell."
    : `The reward model expects the ${ofA > 0.5 ? "left" : "right"} one: ${share} %.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-choice-panel": ChoicePanel;
  }
}
