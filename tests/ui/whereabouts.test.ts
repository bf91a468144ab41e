import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Whereabouts } from "../../src/ui/whereabouts";

/** A browser's history of one page: what its address says at each entry. */
class Entries {
  readonly addresses: string[];
  private at = 0;

  constructor(address: string) {
    this.addresses = [address];
  }

  get search(): string {
    return this.addresses[this.at] ?? "";
  }

  readonly pushState = (_state: null, _title: string, address: string): void => {
    this.at += 1;
    this.addresses.splice(this.at, Number.POSITIVE_INFINITY, address);
  };

  readonly replaceState = (_state: null, _title: string, address: string): void => {
    this.addresses[this.at] = address;
  };

  /** The browser's Back (-1) and Forward (1). */
  go(by: number): string {
    this.at += by;
    return this.search;
  }
}

let entries: Entries;
let moves: number;

/** The page, opened at an address. */
function openAt(search: string): Whereabouts {
  entries = new Entries(search);
  moves = 0;
  vi.stubGlobal("history", entries);
  vi.stubGlobal("location", {
    get search() {
      return entries.search;
    },
    hash: "",
  });
  const whereabouts = new Whereabouts(() => moves++);
  whereabouts.open(search);
  return whereabouts;
}

let whereabouts: Whereabouts;
beforeEach(() => {
  whereabouts = openAt("?seed=1");
});
afterEach(() => vi.unstubAllGlobals());

describe("the address", () => {
  it("has an entry for every place, and none for a setting", () => {
    whereabouts.show("learn", "azr");
    whereabouts.rewrite("?seed=7");
    whereabouts.show("learn", "azr");
    expect(entries.addresses).toEqual(["?seed=1", "?seed=7&view=learn/azr"]);
  });

  it("keeps what was set when the browser goes back and forth", () => {
    whereabouts.show("learn");
    whereabouts.rewrite("?seed=7");
    whereabouts.comeBack(entries.go(-1));
    expect(entries.search).toBe("?seed=7");
    expect(whereabouts.place).toEqual({ view: "play", detail: "" });
    whereabouts.rewrite("?seed=8&preset=small");
    whereabouts.comeBack(entries.go(1));
    expect(entries.search).toBe("?seed=8&preset=small&view=learn");
    expect(whereabouts.place).toEqual({ view: "learn", detail: "" });
  });

  it("names no recording that was closed further on, nor an older setting after a reload", () => {
    whereabouts = openAt("?replay=azr");
    whereabouts.show("tasks", "yours");
    whereabouts.rewrite("");
    expect(entries.addresses).toEqual(["?replay=azr", "?view=tasks/yours"]);
    const reloaded = new Whereabouts(() => {});
    reloaded.open(entries.search);
    reloaded.comeBack(entries.go(-1));
    expect(entries.search).toBe("?");
  });

  it("leads back out of the presentation, and says so once for each move", () => {
    whereabouts.show("runs");
    whereabouts.present(true);
    expect(entries.search).toBe("?seed=1&mode=present");
    whereabouts.comeBack(entries.go(-1));
    expect([whereabouts.presenting, whereabouts.place.view]).toEqual([false, "runs"]);
    expect(entries.addresses).toEqual(["?seed=1", "?seed=1&view=runs", "?seed=1&mode=present"]);
    expect(moves).toBe(4);
  });
});
