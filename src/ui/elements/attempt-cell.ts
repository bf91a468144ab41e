import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { cutText } from "../cut";
import { heat } from "../heat";
import { type IconName, icon } from "../icons";
import { base, heatColors } from "../styles";

/** Contents of a cell, as text. */
export interface CellContent {
  readonly number: number;
  /** "trace, 37 tokens". */
  readonly mode: string;
  readonly verdict: { readonly icon: IconName; readonly word: string } | null;
  /** null if it was cut off before an answer. */
  readonly answer: string | null;
  readonly trace: readonly string[];
  readonly reward: string;
  /** null if this sample was not trained on and has no advantage. */
  readonly advantage: { readonly value: number; readonly text: string } | null;
  /** Text in place of the band, if there is no advantage. */
  readonly bandNote: string;
}

/** Characters; the values of a longer one are read in the opened attempt. */
const LONGEST_TRACE = 72;

/**
 * One attempt: answer, traced values, verdict, reward and advantage. A toggle button.
 * @fires chosen
 */
@customElement("kelvin-attempt-cell")
export class AttemptCell extends LitElement {
  static override readonly styles = [
    base,
    heatColors,
    css`
      :host { display: grid; }
      button { display: flex; flex-direction: column; width: 100%; min-width: 0; padding: 0; border: 1px solid var(--k-line); border-radius: var(--k-radius-2); background: var(--k-surface); text-align: left; }
      button:hover { border-color: var(--k-line-strong); }
      button[aria-pressed="true"] { border-color: var(--k-ink); box-shadow: 0 0 0 1px var(--k-ink); }
      .pending { border-style: dashed; }
      .head { display: flex; flex-wrap: wrap; align-items: center; gap: 0.45rem; padding: 0.35rem 0.6rem 0; font-size: var(--k-text-2xs); color: var(--k-ink-3); white-space: nowrap; }
      .index { font-weight: var(--k-weight-bold); color: var(--k-ink); font-size: var(--k-text-xs); }
      [aria-pressed="true"] .index { background: var(--k-invert); color: var(--k-on-invert); padding: 0 0.4rem; margin-left: -0.15rem; border-radius: var(--k-radius-1); }
      .verdict { display: inline-flex; align-items: center; gap: 0.25rem; margin-left: auto; font-size: var(--k-text-xs); font-weight: var(--k-weight-medium); color: var(--k-ink); }
      .verdict .icon { width: 0.8rem; height: 0.8rem; stroke-width: 2.4; }
      .body { flex: 1; display: flex; flex-wrap: wrap; align-items: center; align-content: center; justify-content: space-between; gap: 0.1rem 0.5rem; padding: 0.1rem 0.6rem 0.2rem; min-width: 0; }
      .answer { max-width: 100%; font-size: 1.375rem; font-weight: 600; line-height: 1.35; white-space: pre-wrap; word-break: break-all; }
      .answer.medium { font-size: 1rem; }
      .answer.long { font-size: var(--k-text-xs); line-height: 1.3; }
      .answer.none { word-break: normal; font-size: var(--k-text-sm); font-weight: 400; color: var(--k-ink-3); font-family: var(--k-font-sans); }
      .trace { max-width: 100%; font-family: var(--k-font-mono); font-size: var(--k-text-xs); line-height: 1.3; color: var(--k-ink-2); overflow-wrap: anywhere; }
      .trace.none { font-family: var(--k-font-sans); color: var(--k-ink-3); font-size: var(--k-text-2xs); }
      .band { display: flex; justify-content: space-between; align-items: center; height: 1.6rem; padding: 0 0.6rem; background: var(--heat); color: var(--on-heat); border-radius: 0 0 calc(var(--k-radius-2) - 1px) calc(var(--k-radius-2) - 1px); font-size: var(--k-text-xs); animation: fill var(--k-dur-4) var(--k-ease-out); }
      .band b { font-size: var(--k-text-sm); }
      .band.plain { background: none; color: var(--k-ink-3); border-top: 1px dashed var(--k-line); font-size: var(--k-text-2xs); animation: none; }
      @keyframes fill { from { clip-path: inset(0 100% 0 0); } to { clip-path: inset(0); } }
      @media (max-width: 720px) {
        .mode .tokens { display: none; }
        .body { flex-direction: column; align-items: flex-start; gap: 0; padding-bottom: 0.4rem; }
        .trace { max-width: 100%; text-align: left; }
        .band { height: 1.9rem; }
      }
    `,
  ];

  @property({ attribute: false }) content: CellContent | null = null;
  @property({ type: Boolean }) pressed = false;

  override render() {
    const { content } = this;
    if (!content) return nothing;
    const pending = content.verdict === null ? "pending" : "";
    return html`<button type="button" class=${pending} aria-pressed=${this.pressed} aria-label=${describe(content)} @click=${this.choose}>
      <span class="head"><span class="index number">${content.number}</span>${this.renderMode(content)}${this.renderVerdict(content)}</span>
      <span class="body">${this.renderAnswer(content)}${this.renderTrace(content)}</span>
      ${this.renderBand(content)}
    </button>`;
  }

  /** The mode; its length is hidden first if space is short. */
  private renderMode({ mode }: CellContent) {
    const [how = "", ...rest] = mode.split(", ");
    return html`<span class="mode">${how}${rest.length > 0 ? html`<span class="tokens">, ${rest.join(", ")}</span>` : nothing}</span>`;
  }

  private renderVerdict({ verdict }: CellContent) {
    return verdict ? html`<span class="verdict">${icon(verdict.icon)}${verdict.word}</span>` : nothing;
  }

  private renderAnswer({ answer }: CellContent) {
    if (answer === null) return html`<span class="answer none">no answer</span>`;
    const size = answer.length > 9 ? "long" : answer.length > 4 ? "medium" : "";
    return html`<span class="answer code ${size}">${cutText(answer)}</span>`;
  }

  private renderTrace({ trace, answer, verdict }: CellContent) {
    const values = trace.join(" › ");
    if (values.length > LONGEST_TRACE) return html`<span class="trace none">${trace.length} values on the way</span>`;
    if (trace.length > 0) return html`<span class="trace" title="values on the way">${values}</span>`;
    return answer === null || answer.length > 9 || verdict === null
      ? nothing
      : html`<span class="trace none">straight to an answer</span>`;
  }

  private renderBand({ advantage, reward, bandNote }: CellContent) {
    if (!advantage) return html`<span class="band plain number"><span>${bandNote}</span><span>${reward}</span></span>`;
    return html`<span class="band number" data-heat=${heat(advantage.value)}><span>reward ${reward}</span><b>${advantage.text}</b></span>`;
  }

  private choose(): void {
    this.dispatchEvent(new CustomEvent("chosen"));
  }
}

function describe(content: CellContent): string {
  const parts = [`Attempt ${content.number}`, content.mode, `answer ${content.answer ?? "none"}`];
  if (content.verdict) parts.push(content.verdict.word);
  if (content.advantage) parts.push(`reward ${content.reward}`, `advantage ${content.advantage.text}`);
  return parts.join(", ");
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-attempt-cell": AttemptCell;
  }
}
