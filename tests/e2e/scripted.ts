import { join } from "node:path";
import { buildPage, type PageServer, servePage } from "../../scripts/lib/page.mjs";
import { projectRoot } from "../../scripts/lib/process.mjs";

/**
 * Builds and serves the page over a scripted run: every state of the stage without an engine. Built, because a browser fetches
 * the three hundred modules of the sources anew for every test.
 * @param name of the folder below `dist/`, so that two test files never share one
 */
export async function serveScripted(name: string): Promise<PageServer> {
  const outDir = join(projectRoot, "dist", name);
  await buildPage({ outDir, rolldownOptions: { input: join(projectRoot, "tests/ui/page.html") } });
  const { url, close } = await servePage(0, outDir);
  return { url: new URL("tests/ui/page.html", url).href, close };
}
