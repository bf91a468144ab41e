/** A binary heap. */
export class Queue<T> {
  private readonly items: T[] = [];

  constructor(private readonly isBefore: (one: T, other: T) => boolean) {}

  push(item: T): void {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(item, this.items[parent] as T)) break;
      this.items[at] = this.items[parent] as T;
      at = parent;
    }
    this.items[at] = item;
  }

  pop(): T | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (last !== undefined && this.items.length > 0) this.sink(last);
    return first;
  }

  private sink(item: T): void {
    let at = 0;
    for (let child = 1; child < this.items.length; child = 2 * at + 1) {
      const other = child + 1;
      if (other < this.items.length && this.isBefore(this.items[other] as T, this.items[child] as T)) child = other;
      if (!this.isBefore(this.items[child] as T, item)) break;
      this.items[at] = this.items[child] as T;
      at = child;
    }
    this.items[at] = item;
  }
}
