/** The views of the page. One entry adds a view to the rail, the URL and the digit keys. */
import type { IconName } from "./icons";

export interface View {
  /** Value of `view` in the URL; the element is `kelvin-NAME-view`. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  /** Loads the element on first use; null for Play, which is part of the page. */
  readonly load: (() => Promise<unknown>) | null;
}

export const PLAY: View = { name: "play", title: "Play", icon: "play", load: null };

/** In the order of the rail and of the digit keys. */
export const VIEWS: readonly View[] = [
  PLAY,
  { name: "tasks", title: "Tasks", icon: "tasks", load: () => import("./views/tasks-view") },
  { name: "compare", title: "Compare", icon: "compare", load: () => import("./views/compare-view") },
  { name: "runs", title: "Runs", icon: "runs", load: () => import("./views/runs-view") },
  { name: "learn", title: "Learn", icon: "learn", load: () => import("./views/learn-view") },
];

/** The view of this name; Play for an unknown name. */
export function findView(name: string): View {
  return VIEWS.find((view) => view.name === name) ?? PLAY;
}
