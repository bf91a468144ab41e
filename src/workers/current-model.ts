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
  /** Told when the model that was asked for is there: loaded just now, or in use already. */
  tell(prepared: P): void;
  /** Told when a model could not be loaded. */
  fail(error: unknown): void;
}

/** A model with what it was made from. */
interface Made<P> {
  readonly choice: ModelChoice;
  readonly prepared: P;
}

/** The model in use. Another takes its place when it is there; one that cannot be loaded leaves it as it was. */
export class CurrentModel<P extends Holder> {
  private latest: Promise<Made<P>> | null = null;
  /** What `latest` was, or will be, made from. */
  private choice: ModelChoice | null = null;
  /** Loads begun so far; the latest is the one that counts. */
  private loads = 0;
  /** The model in use; null while another is on its way. */
  private inUse: Made<P> | null = null;

  constructor(private readonly loading: Loading<P>) {}

  load(choice: ModelChoice): void {
    // Back from one that could not be loaded: there may be no room for the model in use a second time.
    if (this.inUse && isSame(choice, this.inUse.choice)) this.loading.tell(this.inUse.prepared);
    else this.begin(choice);
  }

  /** The device is another: what was on the old one is gone, and is loaded again. */
  reload(): void {
    this.latest = null;
    if (this.choice !== null) this.begin(this.choice);
  }

  /** @throws KelvinError "model" where none was asked for, or why the one that was could not be loaded */
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
    // Whoever asks for the model is told, as the page is already.
    this.latest.catch(() => {});
    next.then((made) => this.replace(load, made, before)).catch(() => {});
  }

  private async fallBack(load: number, error: unknown, before: Promise<Made<P>> | null): Promise<Made<P>> {
    // Nobody waits for a load that another one took the place of.
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

/** Files are read anew each time: they may have changed. */
function isSame(one: ModelChoice, other: ModelChoice): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return "url" in one && "url" in other && one.url === other.url;
}
