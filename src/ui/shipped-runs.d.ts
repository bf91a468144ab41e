/** The recorded runs that lie in `public/runs`, read by vite.config.ts when the page is built. */
declare module "virtual:shipped-runs" {
  export const SHIPPED_RUNS: readonly {
    readonly method: string;
    /** Older recordings do not say. */
    readonly title?: string;
    /** Of its files, without their endings. */
    readonly name: string;
  }[];
}
