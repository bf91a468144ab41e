import { HOME, type Place, withPlace, withPresenting } from "./place";

/** Where on the page the visitor is; the address and the browser's history follow. */
export class Whereabouts {
  /** The view on screen, and the place in it. */
  place: Place = HOME;
  /** Play in large type for a room. */
  presenting = false;

  constructor(private readonly moved: () => void) {}

  /** Show a view, or a place in it. */
  show(view: string, detail = ""): void {
    const place = { view, detail };
    if (view === this.place.view && detail === this.place.detail) return;
    history.pushState(null, "", withPlace(location.search, place) + location.hash);
    this.arrive(place);
  }

  /** The browser went to another place by itself, or the page was opened there. */
  arrive(place: Place, presenting = this.presenting): void {
    this.place = place;
    this.presenting = presenting;
    this.moved();
  }

  /** Enter or leave the presentation; it shows Play. */
  present(presenting: boolean): void {
    if (presenting === this.presenting) return;
    if (presenting) this.place = HOME;
    history.pushState(null, "", withPresenting(withPlace(location.search, this.place), presenting) + location.hash);
    this.presenting = presenting;
    this.moved();
  }

  /** The address says this instead, at the same place; no entry of the history is made. */
  rewrite(search: string): void {
    const there = withPresenting(withPlace(search, this.place), this.presenting);
    if (there !== location.search) history.replaceState(null, "", there + location.hash);
  }
}
