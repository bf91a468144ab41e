/** Takes the place of the trainer's worker. */
import { poolOverPort } from "../../../verify/port";
import { measureSpeed, type VerifierSpeed } from "../../../verify/speed";

/** Speed of the verifier in a page, including its start. */
export interface BrowserSpeed extends VerifierSpeed {
  /** Time until the first job, including fetching Python's files from this machine. */
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
