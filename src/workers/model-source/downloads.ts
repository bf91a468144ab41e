import type { ModelDownload } from "../../contracts";
import { modelName } from "../../download/from-url";
import { listShelves, removeShelf } from "./shelf";

/** Models that were fetched to this device, whole or in part. @throws KelvinError "storage" */
export async function listDownloads(): Promise<readonly ModelDownload[]> {
  const shelves = await listShelves();
  return shelves.map(({ address, bytes }) => ({ url: address, name: modelName(new URL(address)), bytes }));
}

/** @param url as `listDownloads` gives it */
export async function removeDownload(url: string): Promise<null> {
  await removeShelf(url);
  return null;
}
