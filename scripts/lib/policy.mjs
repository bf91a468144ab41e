// Content-Security-Policy of the page and of its workers. docs/decisions/0011-closed-page.md has the reasons.
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { join, resolve, sep } from "node:path";

/** @typedef {Readonly<Record<string, readonly string[]>>} Directives */

/** @param {Directives} directives */
const written = (directives) =>
  Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(" "))
    .join("; ");

/**
 * The page talks to its own origin only; Web Awesome reads its icons, and KaTeX a font, from data in their code. Visitors' models come by a worker, which has its own policy.
 * @param {string} frameStarter text of the inline script in the jail's frame, which inherits this policy
 */
export function pagePolicy(frameStarter) {
  const hash = createHash("sha256").update(frameStarter).digest("base64");
  return written({
    "default-src": ["'none'"],
    "script-src": ["'self'", "'wasm-unsafe-eval'", "blob:", `'sha256-${hash}'`],
    "worker-src": ["'self'", "blob:"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", "data:"],
    "manifest-src": ["'self'"],
    "connect-src": ["'self'", "data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["default", "lit-html", "kelvin-jail"],
  });
}

/** A worker of our own origin has the policy that came with its script. It downloads the model whose
 * address a visitor enters, from a school's own server too, which may have no certificate. */
export const WORKER_POLICY = written({
  "default-src": ["'none'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "worker-src": ["'self'"],
  "connect-src": ["'self'", "https:", "http:"],
});

/** Cross-origin isolation keeps other sites out of our process; nothing depends on it, and plain static hosts work. */
export const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** What our own server sends with every file; other hosts need none of it. */
export const HEADERS = {
  ...ISOLATION,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()",
};

/**
 * Whether an address names nothing outside a folder, through links of the file system either. A file that is missing lies nowhere,
 * so the server may look for it; an address that cannot be read is refused.
 * @param {string} folder
 * @param {string} address path and query of a request
 */
export function liesIn(folder, address) {
  const path = decoded(address.split(/[?#]/, 1)[0] ?? "");
  if (path === null || /[\\\0]|(?:^|\/)\.\.(?:\/|$)|%2e|%2f|%5c/i.test(path)) return false;
  const file = join(resolve(folder), path);
  if (!existsSync(file)) return true;
  return `${realpathSync(file)}${sep}`.startsWith(`${realpathSync(folder)}${sep}`);
}

/** @param {string} path */
function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
