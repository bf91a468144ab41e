import { KelvinError, type ModelChoice } from "../contracts";

/** What holds a model, and whatever was made ready with it. */
export interface Holder {
  readonly model: { destroy(): void };
}

/** What loading depends on. */
export interface Loading<P extends Holder> {
  prepare(choice: ModelChoice): Promise<P>;
  /** Resolves when no run is on: until then the model before may still be in use. */
  idle(): Promise<void>;
  /** Told when a model could not be loaded. */
  fail(error: unknown): void;
}

/** The model in use. Another takes its place when it is there; one that cannot be loaded leaves it as it was. */
export class CurrentModel<P extends Holder> {
  private prepared: Promise<P> | null = null;
  /** What `prepared` was, or will be, made from. */
  private choice: ModelChoice | null = null;
  /** Loads begun so far; the latest is the one that counts. */
  private loads = 0;

  constructor(private readonly loading: Loading<P>) {}

  load(choice: ModelChoice): void {
    const before = { prepared: this.prepared, choice: this.choice };
    const next = this.loading.prepare(choice);
    const load = ++this.loads;
    this.choice = choice;
    this.prepared = next.catch((error: unknown) => {
      // Nobody waits for a load that another one took the place of.
      if (load === this.loads) this.loading.fail(error);
      if (!before.prepared) throw error;
      this.choice = before.choice;
      return before.prepared;
    });
    // Whoever asks for the model is told, as the page is already.
    this.prepared.catch(() => {});
    next.then(() => this.retire(before.prepared)).catch(() => {});
  }

  /** The device is another: what was on the old one is gone, and is loaded again. */
  reload(): void {
    this.prepared = null;
    if (this.choice !== null) this.load(this.choice);
  }

  /** @throws KelvinError "model" where none was asked for, or why the one that was could not be loaded */
  async demand(): Promise<P> {
    if (!this.prepared) throw new KelvinError("model", "No model is loaded.", "Choose one on Play.");
    return this.prepared;
  }

  private async retire(prepared: Promise<P> | null): Promise<void> {
    await this.loading.idle();
    (await prepared)?.model.destroy();
  }
}
