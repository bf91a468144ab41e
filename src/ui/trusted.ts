/**
 * Trusted Types: a browser that has them takes no text as markup and no address as a script, except through a policy that the page's
 * Content-Security-Policy names.
 */
interface Factory {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string | null; createHTML(markup: string): string | null },
  ): unknown;
}

/** A drawing of one colour, as Web Awesome has them in its code for its controls: paths, and nothing that acts or loads. */
const ICON =
  /^<svg(?: (?:xmlns|viewBox|fill|aria-hidden|part|height|width)="[^"<>]*")*>(?:<!--[^<>]*-->)?(?:<path(?: (?:d|fill)="[^"<>]*")+ ?(?:\/>|><\/path>))+<\/svg>$/;

/** Workers, which the bundler starts by address, come from the page's own origin; markup that is no plain drawing is refused. */
export function trustOwnParts(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: Factory };
  trustedTypes?.createPolicy("default", {
    createScriptURL: (address) => (new URL(address, document.baseURI).origin === location.origin ? address : null),
    createHTML: (markup) => (ICON.test(markup) ? markup : null),
  });
}
