import { HOME, type Place, readPlace, readPresenting, withPlace, withPresenting } from "./place";

/** Where on the page the visitor is; the address and the browser's history follow. */
export class Whereabouts {
  /** The view on screen, and the place in it. */
  place: Place = HOME;
  /** Play in large type for a room. */
  presenting = false;
  /** What the page is set to, as its address says it; older entries of the history still say what it was set to then. */
  private search = "";

  constructor(private readonly moved: () => void) {}

  /** The page was opened at an address. */
  open(search: string): void {
    this.search = search;
    this.arrive(search);
  }

  /** The browser went back or forth: the place of that entry is shown, and its address says what the page is set to by now. */
  comeBack(search: string): void {
    this.arrive(search);
    this.rewrite(this.search);
  }

  /** Show a view, or a place in it. */
  show(view: string, detail = ""): void {
    if (view === this.place.view && detail === this.place.detail) return;
    this.place = { view, detail };
    this.enter();
  }

  /** Enter or leave the presentation; it shows Play. */
  present(presenting: boolean): void {
    if (presenting === this.presenting) return;
    if (presenting) this.place = HOME;
    this.presenting = presenting;
    this.enter();
  }

  /** The address says this instead, at the same place; no entry of the history is made. */
  rewrite(search: string): void {
    this.search = this.addressed(search);
    if (this.search !== (location.search || "?")) history.replaceState(null, "", this.search + location.hash);
  }

  private arrive(search: string): void {
    this.place = readPlace(search);
    this.presenting = readPresenting(search);
    this.moved();
  }

  /** A new entry of the history, for where the page is now. */
  private enter(): void {
    this.search = this.addressed(location.search);
    history.pushState(null, "", this.search + location.hash);
    this.moved();
  }

  private addressed(search: string): string {
    return withPresenting(withPlace(search, this.place), this.presenting);
  }
}
