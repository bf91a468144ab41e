import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { html as staticHtml, unsafeStatic } from "lit/static-html.js";
import type { Word } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import "../elements/data-table";
import "../elements/formula";
import "../learn/evidence";
import { diagramStyles, type Figure } from "../learn/figures/diagram";
import { allWords, findWord, inSentence } from "../learn/glossary";
import type { Block, FormulaBlock, LiveFormula, Page, Section } from "../learn/page";
import { findPage, PAGES } from "../learn/pages";
import { learnStyles } from "../learn/styles";
import { rich } from "../learn/text";
import { missingNote } from "../panels/failure-note";
import { phaseLit } from "../panels/phase-panel";
import { DEFAULT_SETUP } from "../setup";
import { ShippedRunController } from "../shipped-run";
import { type Store, StoreController } from "../store";
import { base, buttons, notes } from "../styles";
import { learnPlace, placeLink, termPlace } from "../visit";

const GLOSSARY_PAGE = "glossary";

/** Every experiment there is; its file registers the element. */
import.meta.glob("../learn/labs/*-lab.ts", { eager: true });

/**
 * Learn: the basics, one page per method, and the glossary. Numbers come from the run on screen if possible, else from the
 * shipped recording.
 */
@customElement("kelvin-learn-view")
export class LearnView extends LitElement {
  static override readonly styles = [base, buttons, notes, diagramStyles, learnStyles];

  @property({ attribute: false }) store!: Store;
  private readonly shipped = new ShippedRunController(this, () => this.subject);
  /** The place last scrolled to. */
  private arrived = "";

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { page, found } = this.here;
    return html`${found ? nothing : html`<div class="missing">${missingNote(this.store, "The pages of Learn stand in the list; this one is shown instead.")}</div>`}<div class="layout">
      <nav aria-label="Pages of Learn">${this.renderPages(page)}</nav>
      ${page === GLOSSARY_PAGE ? this.renderGlossary() : this.renderPage(findPage(page))}
    </div>`;
  }

  override updated(_changed: PropertyValues): void {
    const { page, anchor } = this.here;
    const place = `${page}/${anchor}`;
    if (place === this.arrived) return;
    const first = this.arrived === "";
    this.arrived = place;
    if (anchor === "" && first) return;
    // A page starts at its title; a place in it is scrolled to and focused.
    const target = this.renderRoot.querySelector<HTMLElement>(anchor === "" ? "h1" : `[id="${CSS.escape(anchor)}"]`);
    target?.scrollIntoView({ block: "start" });
    target?.focus({ preventScroll: true });
  }

  /** The page on screen, the place in it, and whether the URL named an existing one. */
  private get here(): { page: string; anchor: string; found: boolean } {
    const [asked = "", anchor = ""] = this.store.whereabouts.place.detail.split("/");
    if (asked === GLOSSARY_PAGE) return { page: asked, anchor, found: anchor === "" || findWord(anchor) !== null };
    const { name, sections } = findPage(asked);
    const isPlace = anchor === "" || sections.some(({ id }) => id === anchor);
    return { page: name, anchor, found: (asked === "" || asked === name) && isPlace };
  }

  /** The method whose recorded run supplies numbers; "" if the page has no formulas. */
  private get subject(): string {
    const { page } = this.here;
    return page === GLOSSARY_PAGE ? "" : (findPage(page).method ?? DEFAULT_SETUP.method);
  }

  private renderPages(current: string) {
    const link = (name: string, title: string) =>
      html`<li class=${name === current ? "current" : ""}>${placeLink(learnPlace(name), title, name === current)}${name === current && name !== GLOSSARY_PAGE ? this.renderContents(findPage(name)) : nothing}</li>`;
    return html`<ul>${PAGES.map(({ name, short }) => link(name, short))}${link(GLOSSARY_PAGE, "Glossary")}</ul>`;
  }

  private renderContents({ name, sections }: Page) {
    return html`<ul class="contents">${sections.map(({ id, title }) => html`<li>${placeLink(learnPlace(`${name}/${id}`), title)}</li>`)}</ul>`;
  }

  private renderPage({ title, lead, cite, sections }: Page) {
    return html`<article>
      <h1 tabindex="-1">${title}</h1>
      <p class="lead">${rich(lead)}</p>
      ${cite ? html`<p class="cite">${rich(cite)}</p>` : nothing}
      ${sections.map((section) => this.renderSection(section))}
    </article>`;
  }

  private renderSection({ id, title, blocks }: Section) {
    return html`<section aria-labelledby=${id}><h2 id=${id} tabindex="-1">${title}</h2>${blocks.map((block) => this.renderBlock(block))}</section>`;
  }

  private renderBlock(block: Block): TemplateResult {
    if (typeof block === "string") return html`<p>${rich(block)}</p>`;
    switch (block.kind) {
      case "list":
        return block.ordered
          ? html`<ol>${block.items.map((item) => html`<li>${rich(item)}</li>`)}</ol>`
          : html`<ul>${block.items.map((item) => html`<li>${rich(item)}</li>`)}</ul>`;
      case "formula":
        return this.renderFormula(block);
      case "table":
        return html`<figure class="table"><kelvin-data-table caption=${block.caption} .columns=${block.columns} .rows=${block.rows}></kelvin-data-table></figure>`;
      case "figure":
        return this.renderFigure(block.figure, block.caption);
      case "lab":
        return html`<figure class="lab"><figcaption><b>Try it: ${block.title}</b> ${rich(block.text)}</figcaption>${renderLab(block.lab, this.store.run)}</figure>`;
      case "evidence":
        return html`<kelvin-evidence .store=${this.store} method=${block.method}></kelvin-evidence>`;
      case "aside":
        return html`<aside><h3>${block.title}</h3><p>${rich(block.text)}</p></aside>`;
      default:
        return block satisfies never;
    }
  }

  private renderFormula({ tex, plain, where, live }: FormulaBlock) {
    const now = live ? this.numbersOf(live) : null;
    return html`<figure class="formula">
      <kelvin-formula tex=${tex} plain=${plain}></kelvin-formula>
      <dl>${where.map(([sign, meaning]) => html`<div><dt><kelvin-formula inline tex=${sign} plain=${sign}></kelvin-formula></dt><dd>${rich(meaning)}</dd></div>`)}</dl>
      ${live ? (now ? html`<div class="live"><p class="from number">${now.from}</p><kelvin-formula tex=${now.tex} plain=${now.plain}></kelvin-formula></div>` : html`<p class="from waiting">With a run on screen, its numbers stand here.</p>`) : nothing}
    </figure>`;
  }

  private numbersOf(live: NonNullable<FormulaBlock["live"]>): LiveFormula | null {
    const { run } = this.store;
    const { method } = findPage(this.here.page);
    const own = method === undefined || run.header?.method === method ? live(run) : null;
    if (own) return own;
    const recorded = live(this.shipped.lesson);
    return recorded && { ...recorded, from: `The recorded run that ships, ${recorded.from}` };
  }

  private renderFigure({ width, height, label, draw }: Figure, caption: string) {
    const { run, session } = this.store;
    return html`<figure class="loop"><div class="frame" tabindex="0" role="group" aria-label="Picture of the loop">
      <svg class="diagram" viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>${draw(phaseLit(run, session.motion))}</svg>
    </div><figcaption>${rich(caption)}</figcaption></figure>`;
  }

  private renderGlossary() {
    const entries = [...allWords()].sort(([, a], [, b]) => a.title.localeCompare(b.title));
    return html`<article><h1 tabindex="-1">Glossary</h1>
      <p class="lead">Every word has one meaning, here, in the code and on every screen. A dotted underline opens its entry where you meet it.</p>
      <dl class="glossary">${entries.map(([name, term]) => renderTerm(name, term))}</dl></article>`;
  }
}

function renderTerm(name: string, { title, text, see = [] }: Word) {
  const others = see.flatMap((other) => {
    const word = findWord(other);
    return word ? [placeLink(termPlace(other), inSentence(word.title))] : [];
  });
  return html`<div><dt id=${name} tabindex="-1">${title}</dt><dd>${rich(text)} ${others.length === 0 ? nothing : html`<span class="see">See ${others.map((other, index) => html`${index > 0 ? ", " : ""}${other}`)}.</span>`}</dd></div>`;
}

/** Some look at the run on screen. */
function renderLab(name: string, run: RunState): TemplateResult {
  const tag = unsafeStatic(`kelvin-${name}-lab`);
  return staticHtml`<${tag} .run=${run}></${tag}>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-learn-view": LearnView;
  }
}
