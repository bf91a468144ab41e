/** The views of the page. One line here is all that a view needs to be in the rail, in the URL and under a digit key. */
import type { IconName } from "./icons";

export interface View {
  /** Value of `view` in the URL; the element is `kelvin-NAME-view`. */
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  /** Loads the element on the first visit; null for Play, which is there from the beginning. */
  readonly load: (() => Promise<unknown>) | null;
}

export const PLAY: View = { name: "play", title: "Play", icon: "play", load: null };

/** In the order of the rail; digits 1, 2, … go to them. */
export const VIEWS: readonly View[] = [
  PLAY,
  { name: "tasks", title: "Tasks", icon: "tasks", load: () => import("./views/tasks-view") },
  { name: "compare", title: "Compare", icon: "compare", load: () => import("./views/compare-view") },
  { name: "runs", title: "Runs", icon: "runs", load: () => import("./views/runs-view") },
  { name: "learn", title: "Learn", icon: "learn", load: () => import("./views/learn-view") },
];

/** The view of a name; Play where there is none of that name. */
export function findView(name: string): View {
  return VIEWS.find((view) => view.name === name) ?? PLAY;
}
