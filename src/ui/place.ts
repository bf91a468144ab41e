/** Where the visitor is: the view, and a place within it. In the URL as `view=learn/azr`. */
export interface Place {
  readonly view: string;
  /** What the view shows, in its own words; "" for its beginning. */
  readonly detail: string;
}

export const HOME: Place = { view: "play", detail: "" };

/** Read from a link; Play where the link does not say. */
export function readPlace(search: string): Place {
  const [view = "", ...rest] = (new URLSearchParams(search).get("view") ?? "").split("/");
  return view === "" ? HOME : { view, detail: rest.join("/") };
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

/** The same link with or without the presentation. */
export function withPresenting(search: string, presenting: boolean): string {
  const query = new URLSearchParams(search);
  if (presenting) query.set("mode", "present");
  else query.delete("mode");
  const text = query.toString().replaceAll("%2F", "/");
  return text === "" ? "?" : `?${text}`;
}
