/** Logging in, and joining by invitation. */

import { send } from "../api.js";
import { one } from "../dom.js";
import { t } from "../i18n.js";

const form = one("#login") || one("#join");
const fault = one("#fault");

/** Where to go then: only ever a page of this studio. */
function after() {
  const wished = new URLSearchParams(location.search).get("next") || "/";
  return /^\/(?![/\\])/.test(wished) ? wished : "/";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [name, password] = [one("#name"), one("#password")];
  for (const field of [name, password]) field.setAttribute("aria-invalid", String(!field.checkValidity()));
  const missing = [name, password].find((field) => !field.checkValidity());
  if (missing) {
    fault.textContent = t(missing === name ? "login.no_name" : missing.value && form.id === "join" ? "join.password_hint" : "login.no_password");
    fault.hidden = false;
    missing.focus();
    return;
  }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    if (form.id === "join") await send("POST", "/join", { token: form.dataset.token, name: name.value.trim(), password: password.value });
    else await send("POST", "/login", { name: name.value.trim(), password: password.value });
    location.assign(form.id === "join" ? "/" : after());
  } catch (error) {
    fault.textContent = error.message;
    fault.hidden = false;
    button.disabled = false;
    password.focus();
  }
});
