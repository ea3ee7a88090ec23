/** The REST API as the pages use it. Every fault becomes an ApiError whose message can be shown. */

import { lang, t } from "./i18n.js";

const BASE = "/api/v1";

/** A refusal: `message` is a sentence for people; `status`, `type`, `fields` and `retryAfter` for the program. */
export class ApiError extends Error {
  constructor(message, { status = 0, type = "", fields = [], retryAfter = null } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.type = type;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }
}

/** The address of a path of the API: "/pieces" -> "/api/v1/pieces". @param {string} path */
export function address(path) {
  return path.startsWith("/api/") ? path : BASE + path;
}

function headers(more = {}) {
  const csrf = document.querySelector('meta[name="csrf-token"]')?.content;
  const all = { Accept: "application/json", "Accept-Language": lang, ...more };
  if (csrf) all["X-CSRF-Token"] = csrf;
  return all;
}

async function ask(path, init) {
  let answer;
  try {
    answer = await fetch(address(path), { credentials: "same-origin", ...init });
  } catch (error) {
    if (error?.name === "AbortError") throw error;
    throw new ApiError(t("common.error.offline"));
  }
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  const data = answer.status === 204 ? null : isJson ? await answer.json().catch(() => null) : await answer.text();
  if (answer.ok) return { data, etag: answer.headers.get("ETag"), status: answer.status };
  if (answer.status === 401 && !location.pathname.startsWith("/login")) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const fault = (isJson && data?.error) || {};
  throw new ApiError(fault.message || t("common.error.server", { status: answer.status }), {
    status: answer.status,
    type: fault.type,
    fields: fault.fields,
    retryAfter: Number(answer.headers.get("Retry-After")) || null,
  });
}

/**
 * @param {string} path such as "/pieces?limit=10"
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<{data: any, etag: string|null, status: number}>}
 */
export function get(path, { signal } = {}) {
  return ask(path, { headers: headers(), signal });
}

/**
 * @param {"POST"|"PUT"|"PATCH"|"DELETE"} method
 * @param {string} path
 * @param {any} [body] sent as JSON
 * @param {{etag?: string|null, idempotencyKey?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<{data: any, etag: string|null, status: number}>}
 */
export function send(method, path, body, { etag, idempotencyKey, signal } = {}) {
  const more = {};
  if (body !== undefined && body !== null) more["Content-Type"] = "application/json";
  if (etag) more["If-Match"] = etag;
  if (idempotencyKey) more["Idempotency-Key"] = idempotencyKey;
  return ask(path, { method, headers: headers(more), body: more["Content-Type"] ? JSON.stringify(body) : undefined, signal });
}

/**
 * A file as multipart/form-data, in the field "file".
 * @param {string} path
 * @param {File} file
 */
export function upload(path, file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return ask(path, { method: "POST", headers: headers(), body: form });
}

/** A key for a request that must not be done twice. @returns {string} */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
