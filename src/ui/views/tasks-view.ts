import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../panels/own-pairs";
import "../panels/own-tasks";
import "../panels/run-tasks";
import { type Store, StoreController } from "../store";
import { partsStyles, renderParts } from "./parts";

/** URL places of an opened task of the run or of the visitor; the task's id follows. */
const OPENED = "task";
const YOURS = "yours";
const PAIRS = "pairs";

/** The tasks of the run, and the visitor's own tasks and pairs. */
@customElement("kelvin-tasks-view")
export class TasksView extends LitElement {
  static override readonly styles = partsStyles;

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    return renderParts(store, { name: "tasks", title: "Tasks", label: "Which tasks" }, [
      {
        title: "Tasks of the run",
        detail: "",
        opening: OPENED,
        render: (opened) =>
          html`<kelvin-run-tasks .store=${store} opened=${opened} @opened=${(event: CustomEvent<string>) => this.open(OPENED, event.detail)}></kelvin-run-tasks>`,
      },
      {
        title: `Your tasks (${store.ownTasks.tasks.length})`,
        detail: YOURS,
        render: (opened) =>
          html`<kelvin-own-tasks .store=${store} opened=${opened} @opened=${(event: CustomEvent<string>) => this.open(YOURS, event.detail)}></kelvin-own-tasks>`,
      },
      {
        title: `Your pairs (${store.ownPairs.pairs.length})`,
        detail: PAIRS,
        render: () => html`<kelvin-own-pairs .store=${store}></kelvin-own-pairs>`,
      },
    ]);
  }

  /** The URL contains the opened task, so that links and the back button work. */
  private open(place: string, task: string): void {
    const closed = place === OPENED ? "" : place;
    this.store.whereabouts.show("tasks", task === "" ? closed : `${place}/${task}`);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-tasks-view": TasksView;
  }
}
