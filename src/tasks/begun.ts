/** Work begun before anybody needs it: a failure is for whoever waits for it, and until then it must not end the process. */
export class Begun {
  private readonly work: Promise<void>[] = [];

  add(work: Promise<void>): void {
    work.catch(() => {});
    this.work.push(work);
  }

  /** @throws the first failure */
  async settled(): Promise<void> {
    await Promise.all(this.work);
  }
}
