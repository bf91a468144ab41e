/** In the order of the rail and of the digit keys; `views.ts` has what belongs to each. */
export const VIEW_NAMES = ["play", "tasks", "compare", "runs", "learn"] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

/** The visitor's place: a view and a part of it. In the URL as `view=learn/azr`. */
export interface Place {
  readonly view: string;
  /** The part of the view, in the view's own format; "" for its start. */
  readonly detail: string;
}

export const HOME: Place = { view: "play", detail: "" };

/** Reads the place from a link; Play if it names no view, or an unknown one. */
export function readPlace(search: string): Place {
  const [view = "", ...rest] = (new URLSearchParams(search).get("view") ?? "").split("/");
  return VIEW_NAMES.some((name) => name === view) ? { view, detail: rest.join("/") } : HOME;
}

/** The same link with another place. Play is the default and left out. */
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

/** The recording in a link: `replay=azr` for a shipped one, `replay=kept/ID` for one of this device; "" for none. */
export function readReplay(search: string): string {
  return new URLSearchParams(search).get("replay") ?? "";
}

/** The same link with this recording, or without one. */
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
