import { HOME, type Place, readPlace, readPresenting, withPlace, withPresenting } from "./place";

/** The visitor's place on the page; the URL and the browser's history follow it. */
export class Whereabouts {
  /** The current view, and the place in it. */
  place: Place = HOME;
  /** Whether the presentation is on. */
  presenting = false;
  /** The page's current settings as in its URL; older entries of the history have older ones. */
  private search = "";

  constructor(private readonly moved: () => void) {}

  /** Reads the address at which the page was opened. */
  open(search: string): void {
    this.search = search;
    this.arrive(search);
  }

  /** The browser went back or forward: shows that entry's place, with the page's current settings in the URL. */
  comeBack(search: string): void {
    this.arrive(search);
    this.rewrite(this.search);
  }

  /** Shows a view, or a place in it. */
  show(view: string, detail = ""): void {
    if (view === this.place.view && detail === this.place.detail) return;
    this.place = { view, detail };
    this.enter();
  }

  /** Enters or leaves the presentation, which shows Play. */
  present(presenting: boolean): void {
    if (presenting === this.presenting) return;
    if (presenting) this.place = HOME;
    this.presenting = presenting;
    this.enter();
  }

  /** Replaces the settings in the URL without a new entry in the history. */
  rewrite(search: string): void {
    this.search = this.addressed(search);
    if (this.search !== (location.search || "?")) history.replaceState(null, "", this.search + location.hash);
  }

  private arrive(search: string): void {
    this.place = readPlace(search);
    this.presenting = readPresenting(search);
    this.moved();
  }

  /** Adds an entry to the history for the current place. */
  private enter(): void {
    this.search = this.addressed(location.search);
    history.pushState(null, "", this.search + location.hash);
    this.moved();
  }

  private addressed(search: string): string {
    return withPresenting(withPlace(search, this.place), this.presenting);
  }
}
