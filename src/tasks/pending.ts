/** Promises started early. Errors surface in settled(), not as unhandled rejections. */
export class Pending {
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
