import type { Reply } from "../contracts";

/** Advice for a visitor whose browser offers no WebGPU. */
interface Advice {
  readonly message: string;
  readonly hint: string;
}

const WAY_ON = "A recorded run plays here without it.";

/** @param agent the user agent string; @param secure whether the page is a secure context, which WebGPU requires. */
function webgpuAdvice(agent: string, secure: boolean): Advice {
  if (!secure) {
    return {
      message: "WebGPU needs a secure page.",
      hint: `Open this address with https://, or from localhost. ${WAY_ON}`,
    };
  }
  return { message: `Training needs WebGPU or WebAssembly's SIMD, and ${browserSentence(agent)}`, hint: WAY_ON };
}

/** Adds advice for this browser: the worker only knows that there is no adapter. */
export function withAdvice(reply: Reply): Reply {
  const isRefused = reply.type === "failure" || reply.type === "refusal";
  if (!isRefused || reply.reason !== "no-webgpu" || reply.message !== "") return reply;
  return { ...reply, ...webgpuAdvice(navigator.userAgent, isSecureContext) };
}

function browserSentence(agent: string): string {
  if (/iPhone|iPad/u.test(agent))
    return "on this device it comes with iOS 26: update the system, then open Safari again.";
  if (/Firefox\//u.test(agent)) {
    return "this Firefox does not offer it: Firefox 141 or later has it on Windows, later ones on Mac; elsewhere set dom.webgpu.enabled in about:config, or use Chrome or Edge.";
  }
  if (/Chrome\/|Edg\//u.test(agent)) {
    return /Linux(?!.*Android)/u.test(agent)
      ? "this browser does not offer it: on Linux switch on chrome://flags/#enable-unsafe-webgpu and Vulkan, then restart it."
      : "this browser does not offer it: update it to version 113 or later and switch on hardware acceleration in its settings.";
  }
  if (/Safari\//u.test(agent))
    return "this Safari does not offer it: Safari 26 or later does, and so do Chrome and Edge.";
  return "this browser does not offer it: Chrome and Edge from version 113, Safari from 26 and Firefox from 141 do.";
}
