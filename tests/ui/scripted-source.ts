import { vi } from "vitest";
import {
  type Command,
  type DeviceInfo,
  type MethodInfo,
  type Reply,
  SELF_PLAY_PHASES,
  type TrainEvent,
  USUAL_GAUGES,
} from "../../src/contracts";
import { DEFAULT_SETUP } from "../../src/ui/setup";
import { type RunSource, Store } from "../../src/ui/store";

export const azr: MethodInfo = {
  name: "azr",
  title: "Absolute Zero",
  summary: "",
  defaults: { proposals: 32, trainProposer: true, rewardSource: "verifier" },
  describe: {},
  choices: { rewardSource: ["verifier", "random"] },
  presets: { small: { proposals: 8 } },
  display: { title: "Absolute Zero", phases: SELF_PLAY_PHASES, gauges: USUAL_GAUGES, words: {}, stage: "tasks" },
};
export const device: DeviceInfo = {
  description: "card",
  vendor: "",
  architecture: "",
  software: false,
  features: [],
  limits: {},
};
export const ready: Reply = { type: "ready", methods: [azr], device };
const model = { name: "m", family: "llama", parameters: 1, layers: 1, hidden: 1, vocabulary: 1 } as const;
export const loaded: Reply = { type: "loaded", model, bytesOnDevice: 1, card: null };

/** A source that says what it is told to, and remembers what it was asked. */
export class Script implements RunSource {
  readonly commands: Command[] = [];
  say: (reply: Reply) => void = () => {};
  listen(onReply: (reply: Reply) => void): void {
    this.say = onReply;
  }
  send(command: Command): void {
    this.commands.push(command);
  }
  play(played: readonly TrainEvent[]): void {
    for (const event of played) this.say({ type: "event", event });
  }
}

/** What the page has asked to be drawn. */
export const frames: (() => void)[] = [];

/** What of a browser's page a store needs. */
export function stubPage(): void {
  frames.length = 0;
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => frames.push(draw));
  vi.stubGlobal("history", { replaceState: vi.fn(), pushState: vi.fn() });
  vi.stubGlobal("location", { hash: "" });
}

/** A store over an engine that follows the script. */
export function open(setup = DEFAULT_SETUP) {
  const source = new Script();
  const store = new Store(source, setup);
  return { source, store };
}
