import type { ReactiveController, ReactiveControllerHost } from "lit";
import { replayState } from "../telemetry/reducer";
import { initialState, type RunState } from "../telemetry/state";
import { fetchShippedRun, type ShippedRun } from "./recordings";

/**
 * Loads the description of a method's shipped run; null until it is here, and without a network. The page then shows less, and
 * opening the recording itself reports the error.
 */
export class ShippedRunController implements ReactiveController {
  run: ShippedRun | null = null;
  /** State reduced from its lesson: the numbers of one step. */
  lesson: RunState = initialState;
  /** The method requested last; "" for none. */
  private asked = "";

  /** @param method whose run the host shows, read before each render; "" for none */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly method: () => string,
  ) {
    host.addController(this);
  }

  /** After a failure, tries again when the host is shown again. */
  hostConnected(): void {
    if (!this.run) this.asked = "";
  }

  hostUpdate(): void {
    const method = this.method();
    if (method === this.asked) return;
    this.asked = method;
    this.run = null;
    this.lesson = initialState;
    if (method !== "") this.fetch(method);
  }

  private fetch(method: string): void {
    fetchShippedRun(method).then(
      (run) => {
        if (this.asked !== method) return;
        this.run = run;
        this.lesson = replayState(run.lesson);
        this.host.requestUpdate();
      },
      () => {},
    );
  }
}
