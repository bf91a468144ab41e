import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../elements/modal-dialog";
import { bytes, whole } from "../format";
import { icon } from "../icons";
import type { SheetName } from "../sheets";
import { type Store, StoreController } from "../store";
import { base, buttons } from "../styles";

/** Adapter, memory and verifier of the run, and the number of refused programs. */
@customElement("kelvin-status-line")
export class StatusLine extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      footer { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--k-space-5); min-height: var(--k-status); padding: 0 var(--k-space-5); font-size: var(--k-text-xs); color: var(--k-ink-2); white-space: nowrap; }
      footer p > span, .adapter > span { color: var(--k-ink-3); margin-right: 0.25rem; }
      .adapter { border: 0; background: none; padding: 0.2rem 0; text-align: left; white-space: normal; overflow-wrap: anywhere; text-decoration: underline; text-decoration-color: var(--k-line-strong); text-underline-offset: 3px; min-width: 6rem; }
      .nothing { margin-left: auto; color: var(--k-ink-3); }
      .safety { display: inline-flex; align-items: center; gap: 0.4rem; height: 1.5rem; padding: 0 0.65rem; border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-pill); background: none; }
      .safety:hover { background: var(--k-hover); }
      .safety .icon { width: 0.9rem; height: 0.9rem; color: var(--k-ok); }
      .safety.stopped, .safety.stopped .icon { color: var(--k-danger); border-color: var(--k-danger); }
      .caution { color: var(--k-caution); }
      .layers { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--k-space-2) var(--k-space-4); margin-block: var(--k-space-3) var(--k-space-4); font-size: var(--k-text-sm); }
      .layers dt { font-weight: var(--k-weight-bold); }
      @media (max-width: 1000px) { footer { flex-wrap: wrap; gap: 0.2rem var(--k-space-4); padding-block: var(--k-space-3); } .nothing { margin-left: 0; } }
      @media (max-width: 720px) { footer { white-space: normal; padding: var(--k-space-3) var(--k-space-4) var(--k-space-5); } .safety { height: 2.75rem; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private open = false;
  /** Loaded when it is first opened. */
  @state() private sheet: typeof import("./safety-sheet") | null = null;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { session, run } = this.store;
    const { device, loaded } = session;
    const { VALID: valid = 0, ...refusals } = run.rulings;
    const refused = Object.values(refusals).reduce((sum, count) => sum + count, 0);
    const ruled = refused + valid;
    return html`<footer>
      <button class="adapter" type="button" aria-haspopup="dialog" title=${device?.description ?? ""} @click=${this.openDevice}><span>${this.store.timeline ? "Recorded on" : "Adapter"}</span>${device ? device.description : this.store.session.failure ? "none" : "–"}${device?.software ? html` <b class="caution">software</b>` : nothing}</button>
      ${loaded && loaded.bytesOnDevice > 0 ? html`<p class="number"><span>Memory</span>${bytes(loaded.bytesOnDevice)}</p>` : nothing}
      ${this.verifier ? html`<p class="number"><span>Verifier</span>${this.verifier}</p>` : nothing}
      ${session.kept ? html`<p class="number"><span>Kept</span> ${session.kept.step ? `up to step ${session.kept.step}` : "its log so far"}</p>` : nothing}
      <p class="nothing">Nothing leaves this device</p>
      <button class="safety number ${this.stopped ? "stopped" : ""}" type="button" @click=${() => this.show(true)}>${icon("shield")}<b>Safety</b>${this.stopped ? "stopped, " : ""}${ruled === 0 ? "no programs yet" : `${whole(refused)} refused`}</button>
      <kelvin-dialog heading="Safety" .open=${this.open} @closed=${() => this.show(false)}>
        ${this.open && this.sheet ? this.sheet.safetySheet(run) : nothing}
        ${this.open ? this.renderStop() : nothing}
      </kelvin-dialog>
    </footer>`;
  }

  /** Whether a person ended the run on screen. A recording without an end also stops, but by itself. */
  private get stopped(): boolean {
    return this.store.run.status === "stopped" && this.store.timeline === null;
  }

  /** "" for a recording, which needs no Python. */
  private get verifier(): string {
    const python = this.store.session.progress.python;
    if (!python) return this.store.session.loaded || this.store.session.failure ? "" : "Python, starting";
    if (python.loaded < python.total) return `Python, loading ${bytes(python.loaded)} of ${bytes(python.total)}`;
    return this.store.session.loaded ? "Python, ready" : "Python, starting";
  }

  /** Button that ends the run at once; what it has learned is stored. */
  private renderStop() {
    const { run } = this.store;
    if (run.status !== "running" || this.store.timeline) return nothing;
    return html`<p><button class="button" type="button" @click=${() => this.store.stop()}>Stop this run now</button></p>
      <p>Nothing more is generated, run or learned. The run is kept under Runs as far as its last finished step.</p>`;
  }

  private openDevice(): void {
    this.dispatchEvent(new CustomEvent<SheetName>("open-sheet", { detail: "device", bubbles: true, composed: true }));
  }

  private async show(open: boolean): Promise<void> {
    this.open = open;
    if (open) this.sheet ??= await import("./safety-sheet");
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-status-line": StatusLine;
  }
}
