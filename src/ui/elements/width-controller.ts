import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Tracks its host's width, so that drawings keep their type size on every screen. */
export class WidthController implements ReactiveController {
  /** In pixels, between the limits. */
  width: number;
  private readonly observer = new ResizeObserver(() => this.measure());

  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly least: number,
    private readonly most: number,
  ) {
    this.width = most;
    host.addController(this);
  }

  hostConnected(): void {
    this.observer.observe(this.host);
  }

  hostDisconnected(): void {
    this.observer.disconnect();
  }

  private measure(): void {
    const width = Math.round(Math.max(this.least, Math.min(this.most, this.host.clientWidth)));
    if (width === this.width || this.host.clientWidth === 0) return;
    this.width = width;
    this.host.requestUpdate();
  }
}
