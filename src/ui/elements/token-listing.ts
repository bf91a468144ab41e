import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { cutText, leftOut, MOST_TOKENS } from "../cut";
import { fixed } from "../format";
import { surprise } from "../heat";
import { highlight } from "../python";
import { base, syntax } from "../styles";
import { syntaxClass } from "./code-listing";

interface Token {
  readonly index: number;
  readonly text: string;
  readonly logprob: number;
  readonly kind: string;
}

/** A completion as its tokens, tinted by surprise. Pointer or arrow keys show a token's log-probability. */
@customElement("kelvin-token-listing")
export class TokenListing extends LitElement {
  static override readonly styles = [
    base,
    syntax,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; }
      [data-surprise="0"] { --tint: var(--k-surprise-0); }
      [data-surprise="1"] { --tint: var(--k-surprise-1); }
      [data-surprise="2"] { --tint: var(--k-surprise-2); }
      [data-surprise="3"] { --tint: var(--k-surprise-3); }
      [data-surprise="4"] { --tint: var(--k-surprise-4); }
      pre { flex: 1; overflow: auto; padding: 0.4rem var(--k-space-5); font-family: var(--k-font-mono); font-size: var(--k-text-sm); line-height: 1.5; }
      code { font: inherit; }
      .line { display: block; min-height: 1.5em; white-space: pre; }
      .token { display: inline-block; margin-right: 1px; border-radius: 2px; background: var(--tint); white-space: pre; color: var(--k-ink-2); }
      .special { color: var(--k-ink); }
      .keyword { color: var(--k-syn-keyword); }
      /* Its own hue is too close to the strong tints to be read on them. */
      .keyword:is([data-surprise="3"], [data-surprise="4"]) { color: var(--k-ink); }
      .value { color: var(--k-ink); font-weight: 600; }
      .on { outline: 1.5px solid var(--k-ink); }
      footer { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem var(--k-space-4); padding: 0.5rem var(--k-space-5); border-top: 1px solid var(--k-line); min-height: 2.5rem; font-size: var(--k-text-xs); }
      .read { margin-right: auto; white-space: nowrap; }
      .read .token { padding: 0 3px; margin-right: 0.3rem; font-family: var(--k-font-mono); }
      .legend { display: flex; align-items: center; gap: 1px; font-size: var(--k-text-2xs); color: var(--k-ink-3); }
      .legend i { width: 0.7rem; height: 0.5rem; background: var(--tint); border: 1px solid var(--k-line); }
      .legend span:first-child { margin-right: 0.3rem; }
      .legend span:last-child { margin-left: 0.3rem; }
    `,
  ];

  /** Text of each token. */
  @property({ attribute: false }) pieces: readonly string[] = [];
  /** log p of each token, same order. */
  @property({ attribute: false }) logprobs: readonly number[] = [];
  /** Entropy in nats before each token; empty if the log has none. */
  @property({ attribute: false }) entropies: readonly number[] = [];
  @state() private chosen: number | null = null;

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("pieces")) this.chosen = null;
  }

  override render() {
    return html`<pre
        role="group" tabindex="0" aria-label="Completion, tinted by surprise; arrow keys read one token after another"
        @keydown=${this.onKey} @pointerover=${this.onPointer} @pointerdown=${this.onPointer}
      ><code>${this.lines().map((line) => html`<span class="line">${line.map((token) => this.renderToken(token))}</span>`)}${leftOut(this.pieces.length, MOST_TOKENS, "tokens")}</code></pre>
      <footer>${this.renderReadout()}${this.renderLegend()}</footer>`;
  }

  private renderToken({ index, text, logprob, kind }: Token) {
    const on = index === this.chosen ? "on" : "";
    return html`<span class="token ${kind} ${on}" data-index=${index} data-surprise=${surprise(logprob)} title="log p ${fixed(logprob)}">${text}</span>`;
  }

  private renderReadout() {
    const index = this.chosen ?? mostSurprising(this.logprobs);
    const logprob = this.logprobs[index];
    if (logprob === undefined) return nothing;
    const entropy = this.entropies[index];
    const open = entropy === undefined ? "" : `, entropy ${fixed(entropy)}`;
    const label = this.chosen === null ? "most surprising" : `token ${index + 1} of ${this.logprobs.length}`;
    return html`<span class="read number" aria-live=${this.chosen === null ? "off" : "polite"}>
      <span class="token" data-surprise=${surprise(logprob)}>${visible(this.pieces[index] ?? "")}</span>log p
      ${fixed(logprob)}, p ${fixed(Math.exp(logprob))}${open} <span class="quiet">${label}</span></span>`;
  }

  private renderLegend() {
    const steps = [0, 1, 2, 3, 4];
    return html`<span class="legend" role="img" aria-label="Tint: darker is more surprising"><span>certain</span>${steps.map((step) => html`<i data-surprise=${step}></i>`)}<span>surprising</span></span>`;
  }

  /** Tokens that begin with a line break start a new line, as in the program. */
  private lines(): Token[][] {
    const kinds = kindsOf(this.pieces);
    const lines: Token[][] = [[]];
    this.pieces.slice(0, MOST_TOKENS).forEach((text, index) => {
      if (text.startsWith("\n")) lines.push([]);
      const shown = text.replace(/^\n/u, "");
      lines.at(-1)?.push({ index, text: cutText(shown), logprob: this.logprobs[index] ?? 0, kind: kinds[index] ?? "" });
    });
    return lines;
  }

  private onKey(event: KeyboardEvent): void {
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (move === undefined || this.pieces.length === 0) return;
    event.preventDefault();
    const from = this.chosen ?? (move > 0 ? -1 : this.pieces.length);
    this.chosen = Math.min(this.pieces.length - 1, Math.max(0, from + move));
  }

  private onPointer(event: Event): void {
    const index = event.target instanceof HTMLElement ? event.target.dataset["index"] : undefined;
    if (index !== undefined) this.chosen = Number(index);
  }
}

/** Syntax class of each token; after `#` comes the value that the model expects of the line. */
function kindsOf(pieces: readonly string[]): string[] {
  let traced = false;
  return pieces.map((piece) => {
    if (/^<\w+>$/u.test(piece)) {
      traced = false;
      return "special";
    }
    if (piece.includes("\n")) traced = false;
    if (piece.includes("#")) traced = true;
    if (traced) return "value";
    const [first] = highlight(piece.trim());
    return first ? syntaxClass(first.kind) : "plain";
  });
}

function mostSurprising(logprobs: readonly number[]): number {
  return logprobs.reduce((worst, value, index) => (value < (logprobs[worst] ?? 0) ? index : worst), 0);
}

function visible(piece: string): string {
  return piece.replaceAll("\n", "⏎").replaceAll(" ", "␣");
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-token-listing": TokenListing;
  }
}
