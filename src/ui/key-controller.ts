import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Passes every key pressed on the page to its host, while the host is connected. */
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
