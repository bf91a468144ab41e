import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ADAPTER_WISHES, type AdapterWish, type DeviceInfo, type Json, KelvinError } from "../../contracts";
import "../elements/data-table";
import "../elements/modal-dialog";
import { bytes, whole } from "../format";
import { type Store, StoreController } from "../store";
import { base } from "../styles";

/** Unit and meaning of each limit. */
const LIMITS: Readonly<Record<string, { readonly title: string; readonly inBytes: boolean }>> = {
  maxBufferSize: { title: "largest buffer", inBytes: true },
  maxStorageBufferBindingSize: { title: "largest binding of a buffer", inBytes: true },
  maxStorageBuffersPerShaderStage: { title: "buffers a kernel may use", inBytes: false },
  maxComputeInvocationsPerWorkgroup: { title: "invocations of a workgroup", inBytes: false },
  maxComputeWorkgroupStorageSize: { title: "memory of a workgroup", inBytes: true },
};

/** The choices, in the visitor's words. */
const WISHES: Readonly<Record<AdapterWish, string>> = {
  auto: "a graphics card if there is one, else the processor",
  gpu: "WebGPU",
  cpu: "the processor; a seed gives the same run on every machine",
  "cpu-relaxed": "the processor, a fifth faster; bits depend on its kind",
};

/** Parts of matrix products and attention whose kernels are chosen separately. */
const PARTS: Readonly<Record<string, string>> = {
  forward: "forward",
  few: "for few rows",
  backwardX: "gradient of the input",
  backwardW: "gradient of the weights",
  backward: "backward",
};

/**
 * The device sheet: adapter, features, limits, and the kernels chosen on it.
 * @fires closed
 */
@customElement("kelvin-device-sheet")
export class DeviceSheet extends LitElement {
  static override readonly styles = [
    base,
    css`
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem var(--k-space-5); }
      dt { color: var(--k-ink-2); }
      dd { overflow-wrap: anywhere; }
      fieldset { border: none; margin: var(--k-space-5) 0 0; padding: 0; }
      legend { color: var(--k-ink-2); padding: 0; }
      label { display: block; padding: 0.2rem 0; }
      @media (max-width: 480px) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.4rem; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private kernels: Json = null;

  constructor() {
    super();
    new StoreController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.askForKernels();
  }

  override render() {
    const { device, loaded } = this.store.session;
    return html`<kelvin-dialog heading="Device" open @closed=${this.onClosed}>
      ${device ? this.renderDevice(device) : html`<p>No GPU is open. ${this.store.session.failure?.message ?? "It is being opened."}</p>`}
      ${this.store.timeline ? nothing : this.renderChoice()}
      ${loaded && loaded.bytesOnDevice > 0 ? html`<p class="number">${bytes(loaded.bytesOnDevice)} of its memory are planned for ${loaded.model.name}; nothing more is taken while it trains.</p>` : nothing}
    </kelvin-dialog>`;
  }

  /** A switch: the run that is on is kept, and the next one trains there. */
  private renderChoice() {
    const { adapter } = this.store.setup;
    const option = (wish: AdapterWish) =>
      html`<label><input type="radio" name="adapter" .checked=${adapter === wish} @change=${() => this.store.chooseAdapter(wish)} /> ${WISHES[wish]}</label>`;
    return html`<fieldset><legend>Where to train</legend>${ADAPTER_WISHES.map(option)}</fieldset>
      <p>A run that is on is kept under Runs as far as its last finished step.</p>`;
  }

  private renderDevice(device: DeviceInfo) {
    const limits = Object.entries(device.limits).map(([name, value]) => limitRow(name, value));
    return html`<dl>
        <dt>Adapter</dt><dd>${device.description}${device.software ? html` <b>(${device.architecture === "wasm" ? "the processor itself" : "a processor that stands in for a GPU"})</b>` : nothing}</dd>
        ${device.vendor ? html`<dt>Vendor</dt><dd>${[device.vendor, device.architecture].filter(Boolean).join(", ")}</dd>` : nothing}
        <dt>Features offered</dt><dd>${device.features.join(", ") || "none beyond WebGPU's own"}</dd>
        <dt>Kernels</dt><dd>${this.kernelText}</dd>
      </dl>
      <p>Before anything is trained, fast kernels are run beside plain ones on this very device; where they disagree, the plain ones are used. A run that goes on keeps the kernels it began with.</p>
      ${limits.length > 0 ? html`<kelvin-data-table caption="What the adapter allows" .columns=${["limit", "value"]} .rows=${limits}></kelvin-data-table>` : nothing}`;
  }

  /** A recorded run names its own kernels. */
  private get kernelText(): string {
    const kernels = this.store.timeline ? (this.store.run.header?.kernels ?? null) : this.kernels;
    if (typeof kernels !== "object" || kernels === null) return "–";
    const { linear = null, attention = null, simd } = kernels as { readonly [part: string]: Json };
    if (typeof simd === "string") return `${simd} SIMD`;
    return (
      [choiceText("matrix products", linear), choiceText("attention", attention)].filter(Boolean).join(". ") || "–"
    );
  }

  private async askForKernels(): Promise<void> {
    try {
      this.kernels = await this.store.ask("kernels", null);
    } catch (error) {
      // Without a device there are no kernels; the sheet already says why.
      if (!(error instanceof KelvinError)) throw error;
    }
  }

  private onClosed(): void {
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

/** The kernel of each part of an op; "" for an older record. */
function choiceText(op: string, choice: Json): string {
  if (typeof choice === "string") return `${op}: ${choice}`;
  if (typeof choice !== "object" || choice === null) return "";
  const texts = Object.entries(choice).map(([part, variant]) => `${PARTS[part] ?? part}: ${variant}`);
  return `${op}, ${texts.join("; ")}`;
}

function limitRow(name: string, value: number): string[] {
  const { title, inBytes } = LIMITS[name] ?? { title: name, inBytes: false };
  return [title, inBytes ? bytes(value) : whole(value)];
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-device-sheet": DeviceSheet;
  }
}
