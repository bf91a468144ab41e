import { KelvinError, type ModelChoice } from "../contracts";

/** A model and what was prepared with it. */
export interface Holder {
  readonly model: { destroy(): void };
}

/** Dependencies of loading. */
export interface Loading<P extends Holder> {
  prepare(choice: ModelChoice): Promise<P>;
  /** Resolves when no run is on: until then the previous model may be in use. */
  idle(): Promise<void>;
  /** Called when the requested model is ready: just loaded, or already in use. */
  tell(prepared: P): void;
  /** Called when a model could not be loaded. */
  fail(error: unknown): void;
}

/** A model and the request that it was made from. */
interface Made<P> {
  readonly choice: ModelChoice;
  readonly prepared: P;
}

/** The model in use. A new one replaces it once loaded; if loading fails, the old one stays. */
export class CurrentModel<P extends Holder> {
  private latest: Promise<Made<P>> | null = null;
  /** Request that `latest` was or will be made from. */
  private choice: ModelChoice | null = null;
  /** Number of loads started; only the latest counts. */
  private loads = 0;
  /** The model in use; null while another is loading. */
  private inUse: Made<P> | null = null;

  constructor(private readonly loading: Loading<P>) {}

  load(choice: ModelChoice): void {
    // The visitor returns to the model in use after a failed load. Do not load it twice: there may be no room.
    if (this.inUse && isSame(choice, this.inUse.choice)) this.loading.tell(this.inUse.prepared);
    else this.begin(choice);
  }

  /** The device was replaced: loads the model again. */
  reload(): void {
    this.latest = null;
    if (this.choice !== null) this.begin(this.choice);
  }

  /** @throws KelvinError "model" if none was requested, or with the reason why the load failed */
  async demand(): Promise<P> {
    if (!this.latest) throw new KelvinError("model", "No model is loaded.", "Choose one on Play.");
    return (await this.latest).prepared;
  }

  private begin(choice: ModelChoice): void {
    const before = this.latest;
    const load = ++this.loads;
    this.choice = choice;
    this.inUse = null;
    const next = this.loading.prepare(choice).then((prepared) => ({ choice, prepared }));
    this.latest = next.catch((error: unknown) => this.fallBack(load, error, before));
    // The error reaches callers of `demand`; the page has been told.
    this.latest.catch(() => {});
    next.then((made) => this.replace(load, made, before)).catch(() => {});
  }

  private async fallBack(load: number, error: unknown, before: Promise<Made<P>> | null): Promise<Made<P>> {
    // A load that another one replaced reports nothing.
    if (load === this.loads) this.loading.fail(error);
    if (!before) throw error;
    const made = await before;
    if (load === this.loads) {
      this.inUse = made;
      this.choice = made.choice;
    }
    return made;
  }

  private async replace(load: number, made: Made<P>, before: Promise<Made<P>> | null): Promise<void> {
    if (load === this.loads) {
      this.inUse = made;
      this.loading.tell(made.prepared);
    }
    await this.loading.idle();
    (await before)?.prepared.model.destroy();
  }
}

/** Files are always read again: they may have changed. */
function isSame(one: ModelChoice, other: ModelChoice): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return "url" in one && "url" in other && one.url === other.url;
}
