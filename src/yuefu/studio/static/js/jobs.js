/** Following a job: its events as they happen, again from where they stopped when the line breaks. */

import { address, get } from "./api.js";

const ENDED = new Set(["done", "failed", "cancelled"]);
const KINDS = ["state", "progress", "brief", "plan", "bars"];

/**
 * Follows a job until it ends. The browser reconnects with Last-Event-ID by itself; when it gives up
 * (the server went away for longer), the job is asked for and the stream opened anew.
 * @param {string} jobId
 * @param {{onState?: (state: any) => void, onProgress?: (progress: any) => void, onBrief?: (brief: any) => void,
 *   onPlan?: (plan: any) => void, onBars?: (bars: any) => void, onLost?: (error: Error) => void}} listeners
 * @param {{patient?: boolean}} [options] patient: asks now and then while the job waits, and opens a stream only
 *   when it runs, since a browser keeps few connections to a host
 * @returns {{close: () => void}}
 */
export function follow(jobId, listeners, { patient = false } = {}) {
  let source = null;
  let closed = false;
  let ended = false;
  let lastId = "";
  let misses = 0;
  let timer = 0;

  function tell(kind, data) {
    if (kind === "state" && ended) return;
    if (kind === "state" && ENDED.has(data.state)) ended = true;
    listeners[`on${kind[0].toUpperCase()}${kind.slice(1)}`]?.(data);
    if (ended) close();
  }

  function open() {
    source = new EventSource(address(`/jobs/${jobId}/events`) + (lastId ? `?after=${encodeURIComponent(lastId)}` : ""));
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        misses = 0;
        if (event.lastEventId) lastId = event.lastEventId;
        tell(kind, JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      if (closed || source.readyState !== EventSource.CLOSED) return;
      source.close();
      timer = setTimeout(again, Math.min(8000, 500 * 2 ** misses++));
    };
  }

  async function again() {
    if (closed) return;
    try {
      const { data } = await get(`/jobs/${jobId}`);
      misses = 0;
      if (data.state === "queued" && patient) {
        tell("state", data);
        timer = setTimeout(again, 1500);
      } else open();
    } catch (error) {
      if (misses > 6) {
        listeners.onLost?.(error);
        close();
      } else if (!closed) {
        timer = setTimeout(again, Math.min(8000, 500 * 2 ** misses++));
      }
    }
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    source?.close();
  }

  if (patient) again();
  else open();
  return { close };
}

/**
 * Follows a job to its end.
 * @param {string} jobId
 * @param {Parameters<typeof follow>[1]} [listeners]
 * @returns {Promise<any>} its result; rejects with its reason
 */
export function finished(jobId, listeners = {}) {
  return new Promise((resolve, reject) => {
    follow(jobId, {
      ...listeners,
      onState(state) {
        listeners.onState?.(state);
        if (state.state === "done") resolve(state.result);
        if (state.state === "failed" || state.state === "cancelled") {
          reject(Object.assign(new Error(state.error?.message || state.state), { cancelled: state.state === "cancelled" }));
        }
      },
      onLost: reject,
    });
  });
}
