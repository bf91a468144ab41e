import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { RunState } from "../../../telemetry/state";
import { controls, slider } from "../../elements/controls";
import { stepNumber } from "../../format";
import { base, buttons } from "../../styles";
import {
  type Count,
  countAfter,
  EXAMPLE,
  judgedQueries,
  roundsOf,
  type ShownQuery,
  type ShownTry,
} from "../judged-queries";
import { labStyles } from "./lab-styles";

/** Most judgements of a try that stand side by side. */
const MOST = 8;
const SAID = {
  right: "The vote is right.",
  wrong: "The vote is wrong.",
  tie: "The vote is a tie, and a draw decides.",
} as const;
const SIGN = { right: "✓", wrong: "✗", tie: "=" } as const;

/** Judgements of both tries at a query side by side; a slider says how many of them vote. */
@customElement("kelvin-votes-lab")
export class VotesLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    controls,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .scroll { overflow-x: auto; border: 1px solid var(--k-line); border-radius: var(--k-radius-2); }
      table { border-collapse: collapse; font-size: var(--k-text-xs); }
      caption { text-align: left; padding: var(--k-space-3); color: var(--k-ink-2); white-space: pre-wrap; }
      th, td { padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; font-weight: var(--k-weight); border-top: 1px solid var(--k-line); }
      pre { margin: 0; font-family: var(--k-mono); white-space: pre; }
      td[data-out] { color: var(--k-ink-3); }
      td b { font-size: var(--k-text-md); font-variant-numeric: tabular-nums; }
    `,
  ];

  @property({ attribute: false }) run?: RunState;
  @state() private votes = 1;
  @state() private place = 0;

  override render() {
    const own = this.run ? judgedQueries(this.run.current).filter((query) => roundsOf(query) > 1) : [];
    const query = own[this.place % Math.max(1, own.length)] ?? EXAMPLE;
    const from =
      own.length > 0
        ? `Step ${stepNumber(this.run?.current.step ?? 0)} of the run on screen`
        : "An example; a run of GRM puts its own here";
    const rounds = Math.min(MOST, roundsOf(query));
    const votes = Math.min(this.votes, rounds);
    return html`${own.length > 1 ? html`<div class="row"><button class="button" type="button" @click=${() => this.next()}>Another query</button></div>` : nothing}
      ${slider({ label: "Votes", min: 1, max: rounds, value: votes, words: (k) => `${k} votes`, shown: `${votes}`, onInput: (k) => this.take(k) })}
      <div class="scroll" tabindex="0" role="group" aria-label="Judgements of two tries">${table(query, votes, rounds, from)}</div>
      <p class="said" aria-live="polite">${sentence(countAfter(query, votes), votes)}</p>`;
  }

  private take(votes: number): void {
    this.votes = votes;
  }

  private next(): void {
    this.place += 1;
  }
}

function table(query: ShownQuery, votes: number, rounds: number, from: string) {
  const places = Array.from({ length: rounds }, (_, round) => round);
  const row = (name: string, one: ShownTry) => html`<tr><th scope="row">${name}<pre>${one.tried}</pre></th>
    ${places.map((round) => {
      const { text = "", score = null } = one.judgements[round] ?? {};
      return html`<td ?data-out=${round >= votes}><b>${score ?? "unreadable"}</b><pre>${text.replaceAll(/<(?:rule|check|score)>/g, "\n").trim()}</pre></td>`;
    })}</tr>`;
  const after = places.map((round) => countAfter(query, round + 1).verdict);
  return html`<table><caption>${from}.<pre>${query.question}</pre></caption>
    <thead><tr><th scope="col">try</th>${places.map((round) => html`<th scope="col">judgement ${round + 1}</th>`)}</tr></thead>
    <tbody>${row("Better, by the rules", query.tries[0])}${row("Worse", query.tries[1])}
    <tr><th scope="row">the vote up to here</th>${after.map((verdict, round) => html`<td ?data-out=${round >= votes}>${SIGN[verdict]} ${verdict}</td>`)}</tr></tbody></table>`;
}

function sentence({ sums: [first, second], verdict }: Count, votes: number) {
  const many = votes === 1 ? "One judgement of each try" : `${votes} judgements of each try, added up`;
  return html`${many}: <b>${first}</b> for the better one, <b>${second}</b> for the worse. ${SAID[verdict]} Sums of ${votes === 1 ? "one score" : `${votes} scores`} have ${10 * votes + 1} levels.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-votes-lab": VotesLab;
  }
}
