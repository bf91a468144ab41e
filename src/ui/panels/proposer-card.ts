import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { typeOf } from "../../contracts";
import "../elements/code-listing";
import "../elements/heat-chip";
import "../elements/term";
import "../elements/token-listing";
import { fixed, reward, signed, stepNumber } from "../format";
import { describeDiff, diffLines } from "../line-diff";
import type { LiveSample } from "../live";
import { readProposal } from "../reading";
import type { Scene } from "../scenes";
import { type Store, StoreController } from "../store";
import { base, cards, types } from "../styles";

/** The proposal while it is generated, and its reward. */
@customElement("kelvin-proposer-card")
export class ProposerCard extends LitElement {
  static override readonly styles = [
    base,
    cards,
    types,
    css`
      .body { display: flex; flex: 1; align-items: center; gap: var(--k-space-5); padding: 0.5rem var(--k-space-5); min-height: 8rem; }
      /* The program keeps its width; what is given beside it breaks its lines. */
      kelvin-code-listing { flex: 1 0 auto; max-width: calc(100% - 8.5rem); }
      .given { display: grid; gap: 0.5rem; padding-left: var(--k-space-5); border-left: 1px solid var(--k-line); min-width: 7rem; max-width: 45%; }
      dt { color: var(--k-ink-3); font-size: var(--k-text-2xs); }
      dd { line-height: 1.35; font-size: var(--k-text-xs); overflow-wrap: anywhere; }
      dd.code { font-size: 0.8125rem; }
      .tokens { padding: 0.15rem 0.5rem; border: 1px solid var(--k-line); border-radius: var(--k-radius-pill); background: none; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .tokens:hover { background: var(--k-hover); }
      .tokens[aria-pressed="true"] { border-color: var(--k-ink); color: var(--k-ink); }
      kelvin-token-listing { flex: 1; min-height: 8rem; }
      .empty { color: var(--k-ink-3); }
      .reward { display: inline-flex; gap: var(--k-space-3); flex-wrap: wrap; }
      @media (max-width: 720px) { kelvin-heat-chip { --chip-height: 2.25rem; } .note { flex-basis: 100%; } .body { flex-wrap: wrap; min-height: 7rem; } kelvin-code-listing { max-width: 100%; } .given { flex: 1 1 6.5rem; max-width: none; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  /** The proposal as its tokens, with the log-probability of each. */
  @state() private asTokens = false;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { scene } = this.store;
    const live = this.store.liveProposal;
    const given = scene !== null && scene.proposal === null && !live;
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title">${given ? nothing : html`<i class="role proposer" aria-hidden="true"></i>`}${given ? "Task" : html`<kelvin-term name="proposer">Proposer</kelvin-term>`}</h2><p class="number">${live ? "writing" : headline(scene)}</p>${scene?.proposal && !live ? this.renderTokensButton() : nothing}</header>
      ${live ? this.renderLive(live) : scene ? this.renderScene(scene) : html`<div class="body"><p class="empty">No proposal yet.</p></div>`}
      <footer>${live || !scene ? html`<span class="note">–</span>` : this.renderReward(scene)}</footer>
    </section>`;
  }

  private renderTokensButton() {
    return html`<button class="tokens" type="button" aria-pressed=${this.asTokens} @click=${this.toggleTokens}>tokens</button>`;
  }

  private toggleTokens(): void {
    this.asTokens = !this.asTokens;
  }

  private renderLive({ text, kind }: LiveSample) {
    const { program, inputs } = readProposal({ kind }, text);
    const taskType = typeOf(kind);
    const written = taskType === "induction" ? text : program;
    return html`<div class="body"><kelvin-code-listing code=${written} writing label="Proposal being written"></kelvin-code-listing>
      ${inputs.length > 0 && taskType !== "induction" ? html`<dl class="given"><div><dt>input</dt><dd class="code">x = ${inputs[0]}</dd></div></dl>` : nothing}</div>`;
  }

  private renderScene(scene: Scene) {
    const sample = scene.proposal?.sample;
    if (this.asTokens && sample)
      return html`<kelvin-token-listing .pieces=${sample.pieces} .logprobs=${sample.logprobs}></kelvin-token-listing>`;
    const varies = scene.type === "induction" ? "" : (scene.proposal?.prompt.reference ?? "");
    return html`<div class="body">
      <kelvin-code-listing code=${scene.program} reference=${varies}></kelvin-code-listing>
      <dl class="given">
        ${scene.inputs.length === 0 ? nothing : html`<div><dt>${scene.inputs.length > 1 ? "inputs" : "input"}</dt><dd class="code">${scene.inputs.length > 1 ? scene.inputs.join("; ") : html`x = ${scene.inputs[0]}`}</dd></div>`}
        ${scene.message === "" ? nothing : html`<div><dt>hint</dt><dd class="code">${scene.message}</dd></div>`}
        ${this.renderOrigin(scene, varies)}
      </dl>
    </div>`;
  }

  private renderOrigin({ proposal, task, program, type }: Scene, varies: string) {
    if (!proposal) {
      const origin =
        task && task.step >= 0 ? `the buffer, made in step ${stepNumber(task.step)}` : "chosen before the first step";
      return html`<div><dt>from</dt><dd>${origin}</dd></div>`;
    }
    if (type === "induction") return html`<div><dt>from</dt><dd>a program in the buffer</dd></div>`;
    if (varies === "") return nothing;
    return html`<div><dt>from</dt><dd>a program in the buffer, ${describeDiff(diffLines(varies, program))}</dd></div>`;
  }

  private renderReward(scene: Scene) {
    const { proposal, proposalShare } = scene;
    if (!proposal) return html`<span class="note">not proposed in this step</span>`;
    return html`<span class="note number">${rewardReason(scene)}</span><span class="reward">
      ${proposal.reward === undefined ? nothing : html`<kelvin-heat-chip label="reward" text=${reward(proposal.reward)} .value=${proposal.reward}></kelvin-heat-chip>`}
      ${proposalShare ? html`<kelvin-heat-chip label="advantage" text=${signed(proposalShare.advantage)} .value=${proposalShare.advantage} explainable @explain=${() => this.store.explain(scene, proposal)}></kelvin-heat-chip>` : nothing}
    </span>`;
  }
}

function headline(scene: Scene | null): string {
  const sample = scene?.proposal?.sample;
  if (!sample) return "";
  const mean = sample.logprobs.reduce((sum, value) => sum + value, 0) / Math.max(1, sample.logprobs.length);
  return `${sample.logprobs.length} tokens, mean log p ${fixed(mean)}`;
}

/** Why the proposer got this reward. */
function rewardReason({ proposal, attempts }: Scene): string {
  const rate = proposal?.solveRate;
  if (proposal?.verdict && proposal.verdict.verdict !== "VALID") return "refused";
  if (proposal?.reward === undefined) return "not paid yet";
  if (rate === undefined || rate === null) return "solve rate unknown";
  const tries = attempts.filter(({ record }) => record.purpose === "learnability").length;
  const solved = tries > 0 ? `${Math.round(rate * tries)} of ${tries} solved it` : `solved ${fixed(rate)} of the time`;
  if (rate === 0) return `${solved}: too hard to learn from`;
  return rate === 1 ? `${solved}: too easy to learn from` : `${solved}: solvable, not easy`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-proposer-card": ProposerCard;
  }
}
