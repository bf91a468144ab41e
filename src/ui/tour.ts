/** Whether this device has seen the tour of the first visit. */
import { deviceStorage, keepOnDevice } from "./device-storage";

const KEY = "tour";
const SEEN = "seen";

/** False where the browser stores nothing: then every visit is the first. */
export function hasSeenTour(): boolean {
  return deviceStorage()?.getItem(KEY) === SEEN;
}

export function keepTourSeen(): void {
  keepOnDevice(KEY, SEEN);
}
