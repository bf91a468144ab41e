/** Stands where the trainer's worker stands. */
import { poolOverPort } from "../../../verify/port";
import { measureSpeed, type VerifierSpeed } from "../../../verify/speed";

/** Speed of the verifier in a page, its start included. */
export interface BrowserSpeed extends VerifierSpeed {
  /** From nothing to the first job, the fetching of Python's files from the same machine included. */
  readonly bootMilliseconds: number;
}

self.onmessage = async ({ data }: MessageEvent<{ port: MessagePort; opened: number }>) => {
  const measured = async (): Promise<BrowserSpeed> => {
    const start = performance.now();
    const pool = await poolOverPort(data.port, { spare: false });
    const bootMilliseconds = data.opened + performance.now() - start;
    const speed = await measureSpeed(pool);
    await pool.dispose();
    return { ...speed, bootMilliseconds };
  };
  self.postMessage(await measured().catch(String));
};
