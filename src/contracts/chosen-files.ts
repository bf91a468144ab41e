/** Models of a visitor's own files, which no page can open again by itself. */

const PREFIX = "files:";

/** What such a model is called in a run's configuration and in a link. */
export function chosenFilesName(folder: string): string {
  return `${PREFIX}${folder}`;
}

/** The folder's name, or null for a model that can be had without the visitor. */
export function chosenFolder(model: string): string | null {
  return model.startsWith(PREFIX) ? model.slice(PREFIX.length) : null;
}
