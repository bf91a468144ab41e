/** The page's entry point: creates worker, jail and app and connects them. */
import pythonImages from "kelvin:python-images";
import { runsSimd } from "./cpu/simd";
import { trustOwnParts } from "./ui/trusted";
import "./ui/app";
import { deviceStorage, FLAGS } from "./ui/device-storage";
import { LibraryClient } from "./ui/library-client";
import { linkNotice } from "./ui/link-notice";
import { playLinked } from "./ui/linked-recording";
import { NoTrainer } from "./ui/no-trainer";
import { readSetup } from "./ui/setup";
import { Store } from "./ui/store";
import { restoreTheme } from "./ui/theme";
import { TrainerClient } from "./ui/trainer-client";
import { openJail } from "./verify/jail-page";

/** Folder the page lies in. */
const root = new URL(".", document.baseURI);

/** Creates the engine's worker with the Python jail. */
const createTrainer = () =>
  new TrainerClient(
    new Worker(new URL("./workers/trainer.ts", import.meta.url), {
      type: "module",
      name: `${root.href}#${setup.adapter}`,
    }),
    (onProgress, signal) =>
      openJail({ folder: new URL("pyodide/", root).href, images: pythonImages, onProgress, signal }),
  );

trustOwnParts();
restoreTheme();
const setup = readSetup(location.search);
const library = new LibraryClient(
  () => new Worker(new URL("./workers/library.ts", import.meta.url), { type: "module", name: root.href }),
);
/** The CPU engine needs WebAssembly's SIMD. */
const trains = "gpu" in navigator || runsSimd("plain");
const store = new Store(trains ? createTrainer() : new NoTrainer(createTrainer), setup, library);
store.whereabouts.open(location.search);
const notice = linkNotice(location.search);
if (notice) store.notify(notice.message, notice.hint);
const app = document.createElement("kelvin-app");
app.store = store;
// Another tab of this browser changed the stored tasks.
addEventListener("storage", () => {
  store.changeOwnTasks((own) => own.refresh());
  store.changeOwnPairs((own) => own.refresh());
});
document.querySelector("#wait")?.replaceWith(app);
if (deviceStorage()?.getItem(FLAGS)) void import("./ui/panels/flag-list").then((list) => list.applyStored());
store.load();
void playLinked(store, location.search);
