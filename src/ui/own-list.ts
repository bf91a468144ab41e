/** A list of the visitor's, stored on this device and shared by all tabs. */
import * as v from "valibot";

type Place = Pick<Storage, "getItem" | "setItem">;

/** What kind of list it is. */
export interface ListKind<Item> {
  /** Of the storage. */
  readonly key: string;
  /** What its items are, in the plural, as sentences name them. */
  readonly items: string;
  readonly item: v.GenericSchema<unknown, Item>;
  readonly most: number;
}

/** The list, and its storage errors. */
export class OwnList<Item> {
  protected items: readonly Item[] = [];
  /** The list when last read. */
  private read: readonly Item[] = [];
  /** Changes that could not be stored, in order: the device had no room. */
  private unkept: readonly ((items: readonly Item[]) => readonly Item[])[] = [];
  /** The latest error. */
  protected trouble = "";

  /** @param storage null if the browser blocks it: the list then lasts until the page is closed */
  constructor(
    private readonly kind: ListKind<Item>,
    private readonly storage: Place | null,
  ) {
    this.refresh();
  }

  /** Why the list could not be read or stored; "" without an error. */
  get complaint(): string {
    return this.trouble || (this.unkept.length > 0 ? this.noRoom : "");
  }

  /** Reads the list again: another tab may have changed it. */
  refresh(): void {
    this.trouble = "";
    this.read = this.parse(this.stored());
    this.items = this.unkept.reduce((items, change) => change(items), this.read);
  }

  /** Applies a change, together with earlier ones that could not be stored. */
  protected change(change: (items: readonly Item[]) => readonly Item[]): void {
    this.unkept = [...this.unkept, change];
    this.refresh();
    if (!this.write(this.kind.key, JSON.stringify({ version: 1, [this.kind.items]: this.items }))) return;
    this.read = this.items;
    this.unkept = [];
  }

  private get noRoom(): string {
    return `This device has no room to keep your ${this.kind.items}: they last until the page is closed.`;
  }

  private parse(stored: string | null): readonly Item[] {
    if (stored === null) return [];
    const { items, item, most, key } = this.kind;
    const list = v.object({ version: v.literal(1), [items]: v.pipe(v.array(item), v.maxLength(most)) });
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), list), stored);
    // The cast is safe: the schema has checked the list under this name.
    if (parsed.success) return parsed.output[items] as readonly Item[];
    const where = v.getDotPath(parsed.issues[0]);
    const next = this.read.length > 0 ? "the list goes on here as you see it" : "a new list begins here";
    this.trouble = `Your saved ${items} could not be read${where ? ` (${where})` : ""}. They are kept aside on this device; ${next}.`;
    if (!this.write(`${key}-unreadable`, stored)) this.trouble = this.noRoom;
    return this.read;
  }

  private stored(): string | null {
    if (this.storage) return this.storage.getItem(this.kind.key);
    this.trouble = `This browser does not let the page keep anything: your ${this.kind.items} last until it is closed.`;
    return null;
  }

  /** Returns whether it was stored. */
  private write(key: string, value: string): boolean {
    try {
      this.storage?.setItem(key, value);
      return this.storage !== null;
    } catch {
      // The browser does not say whether storage is full or forbidden.
      return false;
    }
  }
}
