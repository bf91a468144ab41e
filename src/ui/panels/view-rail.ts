import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { icon } from "../icons";
import { withPlace } from "../place";
import { type Store, StoreController } from "../store";
import { base } from "../styles";
import { VIEWS, type View } from "../views";

/** The views: a rail at the left, or a bar at the bottom of a phone. Real links, so that they can open in a new tab. */
@customElement("kelvin-view-rail")
export class ViewRail extends LitElement {
  static override readonly styles = [
    base,
    css`
      nav { height: 100%; padding-top: var(--k-space-3); }
      a { position: relative; display: grid; justify-items: center; gap: 0.2rem; padding: 0.65rem 0; text-decoration: none; color: var(--k-ink-3); font-size: var(--k-text-2xs); }
      a:focus-visible { outline-offset: -4px; box-shadow: none; }
      .icon { width: 1.25rem; height: 1.25rem; stroke-width: 1.5; }
      a:hover { color: var(--k-ink); }
      [aria-current] { color: var(--k-ink); font-weight: var(--k-weight-bold); }
      [aria-current]::before { content: ""; position: absolute; left: 0; top: 0.5rem; bottom: 0.5rem; width: 3px; background: var(--k-ink); border-radius: 0 2px 2px 0; }
      @media (max-width: 720px) {
        nav { padding: 0 0 env(safe-area-inset-bottom); }
        ul { display: grid; grid-auto-columns: 1fr; grid-auto-flow: column; }
        a { padding: 0.55rem 0 0.5rem; }
        [aria-current]::before { inset: -1px 1.2rem auto; width: auto; height: 3px; border-radius: 0 0 2px 2px; }
      }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    return html`<nav aria-label="Views"><ul>${VIEWS.map((view, index) => this.renderLink(view, index))}</ul></nav>`;
  }

  private renderLink({ name, title, icon: glyph }: View, index: number) {
    const current = this.store.whereabouts.place.view === name;
    return html`<li><a href=${withPlace(location.search, { view: name, detail: "" })} aria-current=${current ? "page" : nothing}
      aria-keyshortcuts=${index + 1} @click=${(event: MouseEvent) => this.follow(event, name)}>${icon(glyph)}<span>${title}</span></a></li>`;
  }

  /** A plain click stays on this page; with a modifier key the browser acts as usual. */
  private follow(event: MouseEvent, name: string): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.store.whereabouts.show(name);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-view-rail": ViewRail;
  }
}
