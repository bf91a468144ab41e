import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { PHASES, type Phase } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import "../elements/phase-path";
import type { PathStop } from "../elements/phase-path";
import { duration } from "../format";
import { type Store, StoreController } from "../store";
import { base } from "../styles";

export const PHASE_TITLE: Readonly<Record<Phase, string>> = {
  propose: "Propose",
  verify: "Verify",
  solve: "Solve",
  reward: "Reward",
  advantage: "Advantage",
  update: "Update",
  evaluate: "Evaluate",
};

/** The phase path of the run on screen: lit by what really happens. */
@customElement("kelvin-phase-panel")
export class PhasePanel extends LitElement {
  static override readonly styles = base;

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { run } = this.store;
    const last = run.history.at(-1);
    const total = last ? Object.values(last.timings).reduce((sum, ms) => sum + ms, 0) : null;
    const evaluating = run.active?.phase === "evaluate";
    const phases: readonly Phase[] = evaluating ? [...PHASES, "evaluate"] : PHASES;
    return html`<kelvin-phase-path
      style="height:100%" .stops=${phases.map((phase) => stopOf(run, phase))} total=${duration(total)}
      @phase-chosen=${() => this.store.stepPhase()}
    ></kelvin-phase-path>`;
  }
}

function stopOf(run: RunState, phase: Phase): PathStop {
  const { active, current } = run;
  const spent = current.phases[phase];
  const last = run.history.at(-1)?.timings ?? {};
  const now = active?.phase === phase;
  const time = spent !== undefined ? duration(spent) : last[phase] === undefined ? "" : `last ${duration(last[phase])}`;
  const total = Object.values(last).reduce((sum, ms) => sum + ms, 0);
  const share = total > 0 ? (spent ?? last[phase] ?? 0) / total : 0;
  const state = now ? "now" : spent !== undefined ? "done" : "next";
  return { name: phase, title: PHASE_TITLE[phase], state, time: now ? "" : time, share: Math.min(1, share) };
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-phase-panel": PhasePanel;
  }
}
