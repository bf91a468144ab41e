import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "../styles";

/** One stop of the path. */
export interface PathStop {
  readonly name: string;
  readonly title: string;
  readonly state: "done" | "now" | "next" | "absent";
  /** Time beside the name, for example "612 ms" or "last 171 ms"; "" if unknown. */
  readonly time: string;
  /** Share of the step, 0..1. */
  readonly share: number;
}

/**
 * The phases of a step as six ordered buttons; the current one is lit.
 * @fires phase-chosen {detail: name} when one is pressed
 */
@customElement("kelvin-phase-path")
export class PhasePath extends LitElement {
  static override readonly styles = [
    base,
    css`
      nav { display: flex; align-items: stretch; height: 100%; padding: 0 var(--k-space-5); }
      ol { display: flex; flex: 1; align-items: center; min-width: 0; }
      li { flex: 1; position: relative; min-width: 0; }
      button { position: relative; width: 100%; height: 2.5rem; display: flex; align-items: center; justify-content: space-between; gap: var(--k-space-3); border: 0; background: none; padding: 0 1.1rem 0.2rem 1.25rem; text-align: left; }
      li:not(:last-child)::after { content: ""; position: absolute; right: -0.22rem; top: 50%; width: 0.44rem; height: 0.44rem; border: solid var(--k-line-strong); border-width: 1.5px 1.5px 0 0; transform: translateY(-60%) rotate(45deg); }
      .name { font-weight: var(--k-weight-medium); }
      .time { color: var(--k-ink-3); font-size: var(--k-text-xs); white-space: nowrap; }
      .share { position: absolute; left: 1.25rem; right: 1.1rem; bottom: 0.25rem; height: 2px; background: var(--k-line); border-radius: 1px; }
      .share i { display: block; height: 2px; background: var(--k-ink-3); border-radius: 1px; }
      .absent .name { color: var(--k-ink-3); text-decoration: line-through; }
      .absent button { cursor: default; }
      .next .name { color: var(--k-ink-3); }
      .now button { background: var(--k-invert); color: var(--k-on-invert); border-radius: var(--k-radius-2); margin: 0 0.6rem 0 0.7rem; width: calc(100% - 1.3rem); padding: 0 0.7rem 0.1rem; transition: background var(--k-dur-2) var(--k-ease-out); }
      .now .time { color: inherit; }
      .now .share { display: none; }
      .total { align-self: center; padding-left: var(--k-space-5); display: flex; gap: 0.3rem; color: var(--k-ink-3); white-space: nowrap; min-width: 7.5rem; justify-content: flex-end; }
      .total b { color: var(--k-ink); }
      @media (max-width: 1279px) { .time, .total { display: none; } button { padding-inline: 0.8rem; } .share { left: 0.8rem; right: 0.8rem; } .now .time { display: inline; } }
      @media (max-width: 900px) { .now .time { display: none; } button { padding-inline: 0.5rem; justify-content: center; } li:not(:last-child)::after { display: none; } .now button { margin: 0; width: 100%; } }
      @media (max-width: 720px) {
        nav { padding: 0 var(--k-space-4) 0.5rem; }
        ol { gap: 3px; }
        li button { padding: 0; height: 1.75rem; border-radius: var(--k-radius-1); background: var(--k-sunken); }
        .done button { background: var(--k-line); }
        li:not(.now) .name { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .share { display: none; }
        .now { flex: 3.2; }
        .now button { background: var(--k-invert); padding: 0 0.6rem; justify-content: space-between; }
        .now .time { display: inline; }
      }
    `,
  ];

  @property({ attribute: false }) stops: readonly PathStop[] = [];
  /** Duration of the whole step as text. */
  @property() total = "";

  override render() {
    return html`<nav aria-label="Phase of this step"><ol>${this.stops.map((stop) => this.renderStop(stop))}</ol>
      <p class="total number"><b>${this.total}</b><span>per step</span></p></nav>`;
  }

  private renderStop(stop: PathStop) {
    const choose = () => this.dispatchEvent(new CustomEvent<string>("phase-chosen", { detail: stop.name }));
    const absent = stop.state === "absent" ? ", not part of this method" : "";
    return html`<li class=${stop.state}>
      <button type="button" ?disabled=${absent !== ""} title=${absent ? "Not part of this method" : nothing} aria-current=${stop.state === "now" ? "step" : "false"} aria-label="${stop.title}${stop.time && `, ${stop.time}`}${absent}" @click=${choose}>
        <span class="name">${stop.title}</span><span class="time number">${stop.time}</span>
        <span class="share" aria-hidden="true"><i style="width:${(stop.share * 100).toFixed(1)}%"></i></span>
      </button>
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-phase-path": PhasePath;
  }
}
