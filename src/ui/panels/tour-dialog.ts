import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../elements/code-listing";
import "../elements/heat-chip";
import "../elements/modal-dialog";
import { reward } from "../format";
import { icon } from "../icons";
import { base, buttons } from "../styles";

/** One card: what happens, in three sentences, and a picture of it. */
interface Card {
  readonly title: string;
  readonly text: string;
  picture(): unknown;
}

const PROGRAM = "def f(x):\n x=x+3\n return x*2";

const CARDS: readonly Card[] = [
  {
    title: "It invents a task",
    text: "The model writes a small Python program and an input. It is given no exercises. It varies programs that it wrote before.",
    picture: () =>
      html`<kelvin-code-listing code=${PROGRAM} label="A program"></kelvin-code-listing><p class="number">input 4</p>`,
  },
  {
    title: "Python checks it",
    text: "Real Python runs the program twice, shut off from everything else. What does not run, or says nothing, is refused. What is left becomes a task.",
    picture: () =>
      html`<p class="ruling">${icon("right")}<span class="number">f(4) is 14: valid</span></p>
        <p class="ruling">${icon("wrong")}<span class="number">f(4) has no value: refused</span></p>`,
  },
  {
    title: "It tries, and is paid",
    text: "The same model answers several times. A right answer earns +1, a wrong one −0.5, none −1. Each reward is compared with the others, and what did better becomes more likely.",
    picture: () =>
      html`<p class="answers">${[
        ["14", 1],
        ["11", -0.5],
        ["14", 1],
        ["…", -1],
      ].map(
        ([answer, value]) =>
          html`<span class="answer"><span class="number">${answer}</span><kelvin-heat-chip text=${reward(Number(value))} .value=${Number(value)}></kelvin-heat-chip></span>`,
      )}</p>`,
  },
  {
    title: "Watch the curve",
    text: "Tasks that the model never trains on measure whether it learned. That is the curve. It usually turns between steps 25 and 50; you can pause at any time and ask why a number is what it is.",
    picture: () =>
      html`<svg class="curve" viewBox="0 0 200 70" aria-hidden="true"><path class="axis" d="M4 66H196"/><path class="line" d="M4 56C60 56 80 52 104 34S150 10 196 9"/></svg>`,
  },
];

/**
 * What a first visit needs to know, in four cards.
 * @fires closed
 */
@customElement("kelvin-tour-dialog")
export class TourDialog extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      :host { display: contents; }
      .card { display: grid; gap: var(--k-space-4); grid-template-rows: auto 9.5rem; }
      h3 { font-size: var(--k-text-md); }
      .text { color: var(--k-ink-2); line-height: 1.5; min-height: 6em; }
      .picture { display: grid; align-content: center; gap: var(--k-space-3); padding: var(--k-space-4) var(--k-space-5); border: 1px solid var(--k-line); border-radius: var(--k-radius-3); background: var(--k-sunken); --code-size: 1rem; }
      .ruling { display: flex; align-items: center; gap: 0.6rem; font-size: var(--k-text-md); }
      .answers { display: flex; flex-wrap: wrap; gap: var(--k-space-4) var(--k-space-5); }
      .answer { display: inline-grid; justify-items: center; gap: 0.4rem; font-family: var(--k-font-mono); font-size: var(--k-text-md); }
      .curve { width: 100%; max-height: 7rem; fill: none; stroke: var(--k-ink); stroke-width: 2.5; stroke-linecap: round; }
      .axis { stroke: var(--k-line-strong); stroke-width: 1; }
      .move { display: flex; align-items: center; justify-content: space-between; gap: var(--k-space-4); }
      .count { color: var(--k-ink-3); font-size: var(--k-text-xs); }
    `,
  ];

  @property({ type: Boolean }) open = false;
  @state() private at = 0;

  override render() {
    const card = CARDS[this.at] ?? CARDS[0];
    const isLast = this.at === CARDS.length - 1;
    return html`<kelvin-dialog heading="How it works" .open=${this.open} @closed=${this.onClosed}>
      <div class="card" aria-live="polite">
        <div><h3>${card?.title}</h3><p class="text">${card?.text}</p></div>
        <div class="picture">${card?.picture()}</div>
      </div>
      <div class="move">
        <button class="button" type="button" ?disabled=${this.at === 0} @click=${() => this.go(-1)}>Back</button>
        <span class="count number">${this.at + 1} of ${CARDS.length}</span>
        <button class="button primary" type="button" @click=${() => (isLast ? this.close() : this.go(1))}>${isLast ? "Done" : "Next"}</button>
      </div>
    </kelvin-dialog>`;
  }

  private go(cards: number): void {
    this.at += cards;
  }

  private close(): void {
    this.open = false;
  }

  private onClosed(): void {
    this.open = false;
    this.at = 0;
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-tour-dialog": TourDialog;
  }
}
