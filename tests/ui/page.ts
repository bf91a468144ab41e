/** The page over a scripted run: `?theme=dark&speed=10&steps=42`, or `?run=longest` with the longest values. For looking and testing, never shipped. */
import "../../src/ui/app";
import { ReplaySource } from "../../src/ui/replay-source";
import { scenesOf } from "../../src/ui/scenes";
import { Store } from "../../src/ui/store";
import { LongestSource, longestLibrary, longestRun } from "./longest";
import { scriptedRun } from "./scripted-run";

const query = new URLSearchParams(location.search);
const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
document.documentElement.dataset["theme"] = query.get("theme") ?? "light";
const isLongest = query.get("run") === "longest";
const events = isLongest
  ? longestRun()
  : [...scriptedRun({ seed: 7, steps: number("steps", 60), proposals: number("proposals", 4), rollouts: 7 })];
const source = new (isLongest ? LongestSource : ReplaySource)(events, number("speed", 10));
const store = new Store(source, source.setup, isLongest ? longestLibrary(events) : null);
store.whereabouts.open(location.search);
const app = document.createElement("kelvin-app");
app.store = store;
document.body.append(app);
Object.assign(window, { store, scenesOf });
