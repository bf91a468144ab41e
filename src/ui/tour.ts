/** Whether this device has seen the tour of the first visit. */
import { deviceStorage } from "./device-storage";

const KEY = "tour";
const SEEN = "seen";

/** False where the browser stores nothing: then every visit is the first. */
export function hasSeenTour(): boolean {
  return deviceStorage()?.getItem(KEY) === SEEN;
}

export function keepTourSeen(): void {
  try {
    deviceStorage()?.setItem(KEY, SEEN);
  } catch {
    // If it cannot be stored, the tour is offered again.
  }
}
