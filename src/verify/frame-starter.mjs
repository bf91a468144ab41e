/**
 * The one inline script of the jail's frame. It starts the text of the frame's first script, which is data, as a module from a blob.
 * Its own text never changes, so the page's Content-Security-Policy can name its hash: a `srcdoc` frame inherits that policy, and the
 * frame's text is only known when the page runs. Where scripts must be of a trusted type, the frame trusts blobs and nothing else.
 */
export const FRAME_STARTER = [
  '"use strict";',
  'self.trustedTypes?.createPolicy("default",{createScriptURL:(address)=>address.startsWith("blob:")?address:null});',
  'import(URL.createObjectURL(new Blob([document.scripts[0].textContent],{type:"text/javascript"})));',
].join("");
