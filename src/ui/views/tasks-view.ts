import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../panels/own-tasks";
import "../panels/run-tasks";
import { type Store, StoreController } from "../store";
import { partsStyles, renderParts } from "./parts";

/** The tasks of the run, and the visitor's own. */
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
        render: () => html`<kelvin-run-tasks .store=${store}></kelvin-run-tasks>`,
      },
      {
        title: `Your tasks (${store.ownTasks.tasks.length})`,
        detail: "yours",
        render: () => html`<kelvin-own-tasks .store=${store}></kelvin-own-tasks>`,
      },
    ]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-tasks-view": TasksView;
  }
}
