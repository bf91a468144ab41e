import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/view-tabs";
import "../panels/own-tasks";
import "../panels/run-tasks";
import { type Store, StoreController } from "../store";
import { base } from "../styles";

/** Value of the place within the view. */
const YOURS = "yours";

/** The tasks of the run, and the visitor's own. */
@customElement("kelvin-tasks-view")
export class TasksView extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host { display: grid; grid-template-rows: auto 1fr; gap: var(--k-space-4); padding: var(--k-space-4) var(--k-space-5) var(--k-space-5); }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    const yours = store.place.detail === YOURS;
    const tabs = [
      { detail: "", title: "Tasks of the run" },
      { detail: YOURS, title: `Your tasks (${store.ownTasks.tasks.length})` },
    ];
    return html`<h1 class="hidden">Tasks</h1><kelvin-view-tabs label="Which tasks" .tabs=${tabs} .chosen=${yours ? YOURS : ""} @chosen=${(event: CustomEvent<string>) => store.show("tasks", event.detail)}></kelvin-view-tabs>
      ${yours ? html`<kelvin-own-tasks .store=${store}></kelvin-own-tasks>` : html`<kelvin-run-tasks .store=${store}></kelvin-run-tasks>`}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-tasks-view": TasksView;
  }
}
