/** What an attacker would run as a worker of the jail. Each reports by the message of a `failed` reply. */
import { jailWorkerMain } from "../../../src/verify/jail-worker";
import { workerSource } from "../../../src/verify/worker-source";

/** Runs in a worker of the jail before anything is sealed: only the frame's policy and origin stand in the way. */
export const PROBE_SCRIPT = `
onmessage = async () => {
  const report = {};
  const attempt = async (name, action) => {
    try {
      const value = await Promise.race([action(), new Promise((_, no) => setTimeout(() => no(new Error('silent')), 1500))]);
      report[name] = 'reached ' + String(value).slice(0, 60);
    } catch (error) { report[name] = 'fails ' + (error && (error.name || error)); }
  };
  const opened = (make, event) => new Promise((yes, no) => { const it = make(); it.onopen = yes; it.onerror = () => no(new Error('refused')); });
  await attempt('fetch', () => fetch(base + '/leak-fetch', { mode: 'no-cors' }));
  await attempt('XMLHttpRequest', () => { const x = new XMLHttpRequest(); x.open('GET', base + '/leak-xhr', false); x.send(); return x.status; });
  await attempt('WebSocket', () => opened(() => new WebSocket(base.replace('http', 'ws') + '/leak-ws')));
  await attempt('EventSource', () => opened(() => new EventSource(base + '/leak-events')));
  await attempt('WebTransport', () => new WebTransport(base.replace('http', 'https') + '/leak-wt').ready);
  await attempt('import http', () => import(base + '/leak-import.mjs'));
  await attempt('import data', () => import('data:text/javascript,export default 1'));
  await attempt('importScripts', () => importScripts(base + '/leak-scripts.js'));
  await attempt('eval', () => eval('1'));
  await attempt('setTimeout of text', () => new Promise((yes, no) => { self.ran = yes; setTimeout('self.ran(1)'); setTimeout(no, 100, new Error('refused')); }));
  await attempt('Function', () => new Function('return 1')());
  await attempt('indexedDB', () => new Promise((yes, no) => { const r = indexedDB.open('a'); r.onsuccess = yes; r.onerror = () => no(r.error); }));
  await attempt('caches', () => caches.open('a'));
  await attempt('storage', () => navigator.storage.getDirectory());
  await attempt('locks', () => navigator.locks.request('a', () => 1));
  await attempt('nested worker by address', () => new Promise((yes, no) => { const w = new Worker(base + '/leak-worker.js'); w.onerror = () => no(new Error('refused')); w.onmessage = yes; }));
  postMessage({ type: 'failed', message: JSON.stringify(report) });
};`;

/** The real worker; its first answer, given once it is sealed, is replaced by what is left of its scope. */
export const SEALED_SCRIPT = `
const say = self.postMessage.bind(self);
self.postMessage = (reply) => {
  const names = ["Worker", "SharedWorker", "fetch", "postMessage", "setTimeout", "importScripts"];
  const left = reply.type === "failed" ? reply.message : JSON.stringify(Object.fromEntries(names.map((name) => [name, typeof self[name]])));
  say({ type: "failed", message: left });
};
${workerSource(jailWorkerMain, "self")}`;

/** A worker of the jail that starts another, from a blob, before anything is sealed. */
export const NESTED_SCRIPT = `
const nested = \`
  const channel = new BroadcastChannel("nested");
  setInterval(() => channel.postMessage("here"), 20);
  fetch("\${base}/leak-nested", { mode: "no-cors" }).then(() => postMessage("nested reached"), (error) => postMessage("nested fails " + error.name));
\`;
onmessage = () => {
  const worker = new Worker(URL.createObjectURL(new Blob([nested])));
  worker.onmessage = ({ data }) => setTimeout(() => postMessage({ type: "failed", message: data }), 1500);
  worker.onerror = (event) => postMessage({ type: "failed", message: "no nested worker: " + event.message });
};`;
