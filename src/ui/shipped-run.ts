import type { ReactiveController, ReactiveControllerHost } from "lit";
import { replayState } from "../telemetry/reducer";
import { initialState, type RunState } from "../telemetry/state";
import { fetchShippedRun, type ShippedRun } from "./recordings";

/**
 * What is known of a method's shipped run without its log; null until it is here. Without a network it stays null: the
 * page has less to show, and whoever asks for the recording itself is told why.
 */
export class ShippedRunController implements ReactiveController {
  run: ShippedRun | null = null;
  /** What its lesson leaves behind: a state with the numbers of one step. */
  lesson: RunState = initialState;
  /** The method that was asked for last; "" where none was. */
  private asked = "";

  /** @param method whose run the host shows, read before each of its renders; "" for none */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly method: () => string,
  ) {
    host.addController(this);
  }

  /** What could not be had is asked for again when the host is shown again. */
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
