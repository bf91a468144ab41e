import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/term";
import { cutText } from "../cut";
import { icon } from "../icons";
import { type Check, checksOf } from "../rulings";
import type { Scene } from "../scenes";
import { type Store, StoreController } from "../store";
import { base, cards, types } from "../styles";

const CHECK_ICON = { passed: "right", failed: "wrong", "not reached": "pending" } as const;

/** The ruling, check by check, and the observed output. */
@customElement("kelvin-ruling-card")
export class RulingCard extends LitElement {
  static override readonly styles = [
    base,
    cards,
    types,
    css`
      .verdict { display: inline-flex; align-items: center; gap: 0.35rem; font-size: var(--k-text-sm); font-weight: var(--k-weight-bold); }
      .card > header > .verdict.valid { color: var(--k-ok); }
      .card > header > .verdict.refused { color: var(--k-danger); }
      .checks { flex: 1; display: grid; align-content: center; gap: 0.1rem; padding: 0.35rem var(--k-space-5); min-height: 8rem; animation: drop var(--k-dur-3) var(--k-ease-out); }
      @keyframes drop { from { transform: translateY(-8px); opacity: 0; } }
      li { display: grid; grid-template-columns: 1.1rem 6.4rem minmax(0, 1fr); align-items: center; gap: 0.4rem; font-size: var(--k-text-xs); }
      li .icon { width: 0.85rem; height: 0.85rem; stroke-width: 2.2; color: var(--k-ink-3); }
      .passed .icon { color: var(--k-ok); }
      .failed .icon, .failed .finding { color: var(--k-danger); }
      .name { font-weight: var(--k-weight-medium); white-space: nowrap; }
      .finding { color: var(--k-ink-3); overflow-wrap: anywhere; }
      .output { font-size: var(--k-text-md); overflow-wrap: anywhere; }
      .output b { font-size: var(--k-text-lg); }
      .empty { flex: 1; display: grid; align-content: center; padding: 0.5rem var(--k-space-5); color: var(--k-ink-3); min-height: 8rem; }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const scene = this.store.liveProposal ? null : this.store.scene;
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title"><i class="role verifier" aria-hidden="true"></i><kelvin-term name="verifier">Verifier</kelvin-term></h2>${this.renderVerdict(scene)}</header>
      ${this.renderChecks(scene)}
      <footer>${renderOutput(scene)}</footer>
    </section>`;
  }

  private renderVerdict(scene: Scene | null) {
    const verdict = scene?.proposal?.verdict;
    if (!verdict) return html`<p>${scene?.proposal === null ? "ruled before" : "waiting"}</p>`;
    const valid = verdict.verdict === "VALID";
    return html`<p class="verdict ${valid ? "valid" : "refused"}">${icon(valid ? "right" : "wrong")}${valid ? "Valid" : "Refused"}</p>`;
  }

  private renderChecks(scene: Scene | null) {
    const verdict = scene?.proposal?.verdict;
    if (!verdict) {
      const text =
        scene && !scene.proposal
          ? "This task was ruled on before this step."
          : "The ruling comes when the proposal is written.";
      return html`<p class="empty">${text}</p>`;
    }
    return html`<ul class="checks">${checksOf(verdict, scene?.proposal?.output !== undefined).map(renderCheck)}</ul>`;
  }
}

function renderCheck({ name, finding, state }: Check) {
  return html`<li class=${state}>${icon(CHECK_ICON[state])}<span class="name">${name}</span><span class="finding">${finding}</span><span class="hidden">${state}</span></li>`;
}

/** The program's result: the output to be found, or the pairs. */
function renderOutput(scene: Scene | null) {
  const verdict = scene?.proposal?.verdict;
  if (verdict && verdict.verdict !== "VALID")
    return html`<span class="note">no output: the proposal earns no task</span>`;
  const pairs = scene?.task?.pairs ?? [];
  const output = pairs.length > 0 ? pairs.map((pair) => pair.output).join("; ") : scene?.proposal?.output;
  if (!scene || output === undefined) return html`<span class="note">–</span>`;
  const asked = {
    deduction: "the answer to find",
    abduction: "given; an input is asked",
    induction: "the program is asked",
    integration: "",
  }[scene.type];
  const input = scene.inputs.length > 1 ? "…" : (scene.inputs[0] ?? "");
  return html`<span class="output code">f(${input}) <span class="quiet">→</span> <b>${cutText(output)}</b></span><span class="note">${asked}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-ruling-card": RulingCard;
  }
}
