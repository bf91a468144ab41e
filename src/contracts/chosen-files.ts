/** Models made of files that the visitor chose. A page cannot open them again by itself. */

const PREFIX = "files:";

/** Name of such a model in a run's configuration and in a link. */
export function chosenFilesName(folder: string): string {
  return `${PREFIX}${folder}`;
}

/** The folder's name; null if the page can load the model by itself. */
export function chosenFolder(model: string): string | null {
  return model.startsWith(PREFIX) ? model.slice(PREFIX.length) : null;
}
