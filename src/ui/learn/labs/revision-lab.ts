import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { LAW_WORDS } from "../../../contracts";
import type { RunState } from "../../../telemetry/state";
import { diffLines } from "../../line-diff";
import { base, buttons } from "../../styles";
import { EXAMPLE_REVISION, isNamed, type Revision, revisionsIn } from "../revisions";
import { labStyles } from "./lab-styles";

/** A critique and its revision side by side: the line that is named, and the lines that are new. */
@customElement("kelvin-revision-lab")
export class RevisionLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .pair { display: grid; grid-template-columns: 1fr 1fr; gap: var(--k-space-4); }
      .pair > div { overflow-x: auto; padding: var(--k-space-3); border: 1px solid var(--k-line); border-radius: var(--k-radius-2); }
      pre { margin: 0; font-family: var(--k-mono); white-space: pre; }
      mark { background: none; color: inherit; font-weight: 600; text-decoration: underline; }
      @media (max-width: 560px) { .pair { grid-template-columns: 1fr; } }
    `,
  ];

  @property({ attribute: false }) run?: RunState;
  @state() private place = 0;
  /** Those of the run's beginning stay when the steps have passed on. */
  private seen: readonly Revision[] = [];

  override willUpdate(): void {
    const { current, previous } = this.run ?? {};
    const own = [current, previous].map((step) => (step ? revisionsIn(step) : [])).find(({ length }) => length > 0);
    if (own) this.seen = own;
  }

  override render() {
    const one = this.seen[this.place % Math.max(1, this.seen.length)] ?? EXAMPLE_REVISION;
    const law = LAW_WORDS.find(({ name }) => name === one.law);
    return html`<p>${this.seen.length > 0 ? `Of the ${this.seen.length} revisions of the run on screen.` : "An example; a run of Constitutional AI puts its own here before its first step."} The law: <b>${law?.sentence ?? one.law}</b></p>
      <div class="pair"><div tabindex="0" role="group" aria-label="Program"><b>${one.critique === "" ? "Program, not criticised" : "Program, with the line that the critique names"}</b><pre>${one.program.split("\n").map((text) => lineOf(text, isNamed(text, one)))}</pre></div>
      <div tabindex="0" role="group" aria-label="Revision"><b>Revision, with the lines that are new</b><pre>${diffLines(one.program, one.revised).lines.map(({ text, added }) => lineOf(text, added))}</pre></div></div>
      <p class="said" aria-live="polite">${sentence(one)}</p>
      <div class="row"><button class="button" type="button" ?disabled=${this.seen.length < 2} @click=${this.next}>Another one</button></div>`;
  }

  private readonly next = (): void => {
    this.place += 1;
  };
}

const lineOf = (text: string, marked: boolean) => html`${marked ? html`<mark>${text}</mark>` : text}\n`;

function sentence(one: Revision): string {
  const found = one.program.split("\n").some((line) => isNamed(line, one));
  const missed = one.critique !== "" && !found ? `The critique names “${one.critique}”, which no line is. ` : "";
  const same = one.program === one.revised ? "The revision changes nothing. " : "";
  if (one.valid === null) return `${missed}${same}Python has not run it yet.`;
  return `${missed}${same}${one.valid ? "It runs, so it is an example to learn from." : "It cannot become a task, so it is dropped."}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-revision-lab": RevisionLab;
  }
}
