import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Store } from "./store";

/** Redraws its host when the host's `store` changes; the host is drawn at most once per frame. */
export class StoreController implements ReactiveController {
  private unsubscribe: (() => void) | null = null;

  constructor(private readonly host: ReactiveControllerHost & { readonly store: Store }) {
    host.addController(this);
  }

  hostConnected(): void {
    this.unsubscribe = this.host.store.subscribe(() => this.host.requestUpdate());
  }

  hostDisconnected(): void {
    this.unsubscribe?.();
    this.unsubscribe = null;
  }
}
