import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/heat-chip";
import "../elements/term";
import "../elements/token-listing";
import { fixed, signed } from "../format";
import { explain } from "../rulings";
import type { Attempt } from "../scenes";
import { type Store, StoreController } from "../store";
import { base, cards } from "../styles";

/** One attempt in full: every token with its log-probability, and a button for its arithmetic. */
@customElement("kelvin-opened-attempt")
export class OpenedAttempt extends LitElement {
  static override readonly styles = [
    base,
    cards,
    css`
      .card > header { flex-wrap: wrap; gap: 0.1rem var(--k-space-4); }
      .card > header > p { margin-left: 0; min-width: 0; text-align: left; overflow-wrap: anywhere; }
      kelvin-heat-chip { margin-left: auto; --chip-height: 1.75rem; }
      kelvin-token-listing { flex: 1; }
      .empty { flex: 1; display: grid; place-content: center; padding: var(--k-space-5); color: var(--k-ink-3); min-height: 9rem; text-align: center; }
      @media (max-width: 720px) { kelvin-heat-chip { --chip-height: 2.25rem; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const attempt = this.store.openedAttempt;
    if (!attempt)
      return html`<section class="card" aria-label="Opened attempt"><p class="empty">The tokens of an attempt are shown here.</p></section>`;
    const { sample, verdict } = attempt.record;
    const sum = sample.logprobs.reduce((total, value) => total + value, 0);
    const index = this.store.scene?.attempts.indexOf(attempt) ?? 0;
    const reason = verdict && verdict.verdict !== "CORRECT" && verdict.reason !== "" ? `, ${explain(verdict)}` : "";
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title">Attempt ${index + 1}</h2>
        <p class="number">${sample.logprobs.length} tokens, sum <kelvin-term name="log-probability">log p</kelvin-term> ${fixed(sum)}${reason}</p>${this.renderAdvantage(attempt)}</header>
      <kelvin-token-listing
        .pieces=${sample.pieces} .logprobs=${sample.logprobs} .entropies=${sample.entropies ?? []}
      ></kelvin-token-listing>
    </section>`;
  }

  private renderAdvantage({ record, share }: Attempt) {
    const { scene } = this.store;
    if (!share || !scene) return nothing;
    const expanded = this.store.selection.explained?.record.sample.id === record.sample.id;
    return html`<kelvin-heat-chip
      label="advantage" text=${signed(share.advantage)} .value=${share.advantage} explainable .expanded=${expanded}
      @explain=${() => this.store.explain(scene, record)}
    ></kelvin-heat-chip>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-opened-attempt": OpenedAttempt;
  }
}
