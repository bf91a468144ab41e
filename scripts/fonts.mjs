// npm run fonts: makes public/fonts anew from the packages' fonts; needed only when scripts/lib/fonts.mjs changes.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { packageFile, SHIPPED_FONTS, subset } from "./lib/fonts.mjs";
import { projectRoot, runMain } from "./lib/process.mjs";

await runMain(async () => {
  ensureDependencies();
  for (const font of SHIPPED_FONTS) {
    const bytes = await subset(font);
    const file = join(projectRoot, "public/fonts", font.name);
    writeFileSync(file, bytes);
    copyFileSync(packageFile(font.licence), file.replace(/woff2$/, "LICENSE.txt"));
    console.log(`${font.name}  ${bytes.length.toLocaleString("en")} bytes, from ${font.source}`);
  }
  return 0;
});
