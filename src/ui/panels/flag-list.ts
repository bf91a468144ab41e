import { css, html, LitElement } from "lit";
import { customElement, state } from "lit/decorators.js";
import { setFlags, USUAL_FLAGS } from "../../telemetry/flags";
import { deviceStorage, FLAGS, keepOnDevice } from "../device-storage";
import { base, buttons, fields } from "../styles";

const MOST_LINES = 200;

/** Flags by the list that is kept on this device. */
export const applyStored = (): void => setFlags(storedFlags());

/** The monitor's list as it is kept on this device; else the usual one. */
function storedFlags(): readonly string[] {
  const kept = deviceStorage()?.getItem(FLAGS);
  return kept ? linesOf(kept) : USUAL_FLAGS;
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(0, MOST_LINES);

/** Words and patterns that are flagged, one per line; they count from the next text on. */
@customElement("kelvin-flag-list")
export class FlagList extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    css`
      details { margin-block: var(--k-space-3); }
      summary { cursor: pointer; min-height: 1.5rem; color: var(--k-ink-2); }
      textarea { width: 100%; min-height: 9rem; font-family: var(--k-font-mono); font-size: var(--k-text-xs); }
      p { font-size: var(--k-text-xs); color: var(--k-ink-2); }
    `,
  ];

  @state() private lines = storedFlags();

  override render() {
    return html`<details><summary>What is flagged</summary>
      <p>Words, or regular expressions, one per line. They count from the next text on and stay on this device.</p>
      <textarea aria-label="Words and patterns that are flagged" spellcheck="false" .value=${this.lines.join("\n")} @change=${this.onChange}></textarea>
      <button class="button" type="button" @click=${() => this.use(USUAL_FLAGS)}>Use the usual list</button></details>`;
  }

  private onChange(event: Event): void {
    this.use(linesOf((event.target as HTMLTextAreaElement).value));
  }

  private use(lines: readonly string[]): void {
    this.lines = lines;
    setFlags(lines);
    keepOnDevice(FLAGS, lines.join("\n"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-flag-list": FlagList;
  }
}
