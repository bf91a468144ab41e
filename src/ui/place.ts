import { VIEWS } from "./views";

/** Where the visitor is: the view, and a place within it. In the URL as `view=learn/azr`. */
export interface Place {
  readonly view: string;
  /** What the view shows, in its own words; "" for its beginning. */
  readonly detail: string;
}

export const HOME: Place = { view: "play", detail: "" };

/** Read from a link; Play where the link does not say, or names a view there is none of. */
export function readPlace(search: string): Place {
  const [view = "", ...rest] = (new URLSearchParams(search).get("view") ?? "").split("/");
  return VIEWS.some(({ name }) => name === view) ? { view, detail: rest.join("/") } : HOME;
}

/** The same link at another place; Play is left out, so a short link stays short. */
export function withPlace(search: string, { view, detail }: Place): string {
  const query = new URLSearchParams(search);
  query.delete("view");
  if (view !== HOME.view || detail !== "") query.set("view", detail === "" ? view : `${view}/${detail}`);
  const text = query.toString().replaceAll("%2F", "/");
  return text === "" ? "?" : `?${text}`;
}

/** Whether a link opens the presentation: `mode=present`. */
export function readPresenting(search: string): boolean {
  return new URLSearchParams(search).get("mode") === "present";
}

/** The recording that a link plays: `replay=azr` one that ships with the page, `replay=kept/ID` one of this device; "" for none. */
export function readReplay(search: string): string {
  return new URLSearchParams(search).get("replay") ?? "";
}

/** The same link with that recording, or with none. */
export function withReplay(search: string, name: string): string {
  return withParameter(search, "replay", name);
}

/** The same link with or without the presentation. */
export function withPresenting(search: string, presenting: boolean): string {
  return withParameter(search, "mode", presenting ? "present" : "");
}

function withParameter(search: string, name: string, value: string): string {
  const query = new URLSearchParams(search);
  if (value === "") query.delete(name);
  else query.set(name, value);
  const text = query.toString().replaceAll("%2F", "/");
  return text === "" ? "?" : `?${text}`;
}
