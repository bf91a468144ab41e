/** The views of the page. A name in `place.ts` and an entry here add one to the rail, the URL and the digit keys. */
import type { IconName } from "./icons";
import { VIEW_NAMES, type ViewName } from "./place";

export interface View {
  /** Value of `view` in the URL; the element is `kelvin-NAME-view`. */
  readonly name: ViewName;
  readonly title: string;
  readonly icon: IconName;
  /** Loads the element on first use; null for Play, which is part of the page. */
  readonly load: (() => Promise<unknown>) | null;
}

export const PLAY: View = { name: "play", title: "Play", icon: "play", load: null };

const views: Readonly<Record<ViewName, View>> = {
  play: PLAY,
  tasks: { name: "tasks", title: "Tasks", icon: "tasks", load: () => import("./views/tasks-view") },
  compare: { name: "compare", title: "Compare", icon: "compare", load: () => import("./views/compare-view") },
  runs: { name: "runs", title: "Runs", icon: "runs", load: () => import("./views/runs-view") },
  learn: { name: "learn", title: "Learn", icon: "learn", load: () => import("./views/learn-view") },
};

/** In the order of the rail and of the digit keys. */
export const VIEWS: readonly View[] = VIEW_NAMES.map((name) => views[name]);

/** The view of this name; Play for an unknown name. */
export function findView(name: string): View {
  return VIEWS.find((view) => view.name === name) ?? PLAY;
}
