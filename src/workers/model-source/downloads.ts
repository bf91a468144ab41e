import type { ModelDownload } from "../../contracts";
import { modelName } from "../../download/from-url";
import { listShelves, removeShelf } from "./shelf";

/** Models downloaded to this device, complete or not. @throws KelvinError "storage" */
export async function listDownloads(): Promise<readonly ModelDownload[]> {
  const shelves = await listShelves();
  return shelves.map(({ address, bytes }) => ({ url: address, name: modelName(new URL(address)), bytes }));
}

/** @param url from `listDownloads` */
export async function removeDownload(url: string): Promise<null> {
  await removeShelf(url);
  return null;
}
