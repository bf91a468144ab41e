import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Tells its host of every key pressed anywhere on the page, while the host is on it. */
export class KeyController implements ReactiveController {
  constructor(
    host: ReactiveControllerHost,
    private readonly onKey: (event: KeyboardEvent) => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("keydown", this.onKey);
  }

  hostDisconnected(): void {
    document.removeEventListener("keydown", this.onKey);
  }
}
