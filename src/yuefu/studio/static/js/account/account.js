/** The account page: password, keys, invitations, logging out. */

import { get, send } from "../api.js";
import { h, on, one, put } from "../dom.js";
import { day, t } from "../i18n.js";
import { announce, toast } from "../announce.js";

function tell(place, message) {
  place.textContent = message;
  place.hidden = !message;
}

for (const [button, path] of [["#logout", "/logout"], ["#logout-everywhere", "/logout?everywhere=true"]]) {
  one(button).addEventListener("click", async () => {
    try {
      await send("POST", path);
      location.assign("/login");
    } catch (error) {
      toast(error.message);
    }
  });
}

const passwords = one("#password-form");
passwords.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fault = one("[data-fault]", passwords);
  const [old, next] = [one("#old"), one("#new")];
  if (!old.value || !next.checkValidity()) return tell(fault, t("account.password.hint"));
  try {
    await send("POST", "/password", { old: old.value, new: next.value });
    tell(fault, "");
    passwords.reset();
    // The session was opened anew, and with it the token that writes carry.
    const { data } = await get("/me");
    document.querySelector('meta[name="csrf-token"]').content = data.csrf;
    toast(t("account.password.changed"));
  } catch (error) {
    tell(fault, error.message);
  }
  return undefined;
});

function keyRow(key) {
  const used = key.last_used ? t("account.keys.used", { day: day(key.last_used) }) : t("account.keys.unused");
  return h("li", {}, h("span", { class: "key-name" }, key.name), h("code", {}, `${key.hint}…`), h("span", { class: "hint" }, used),
    h("button", { type: "button", class: "button button-small button-plain", "aria-label": t("account.keys.revoke_key", { name: key.name }), onClick: async () => {
      try {
        await send("DELETE", `/keys/${key.id}`);
        announce(t("account.keys.revoked"));
        showKeys();
      } catch (error) {
        toast(error.message);
      }
    } }, t("account.keys.revoke")));
}

async function showKeys() {
  try {
    const { data } = await get("/keys");
    put(one("#keys"), data.keys.map(keyRow));
    one("#keys").hidden = !data.keys.length;
  } catch (error) {
    tell(one("#key-fault"), error.message);
  }
}

one("#key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = one("#key-name");
  if (!name.value.trim()) return name.focus();
  try {
    const { data } = await send("POST", "/keys", { name: name.value.trim() });
    one("#secret-text").textContent = data.secret;
    one("#secret").hidden = false;
    one("#secret-text").focus();
    name.value = "";
    tell(one("#key-fault"), "");
    showKeys();
  } catch (error) {
    tell(one("#key-fault"), error.message);
  }
  return undefined;
});

one("#invite-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { data } = await send("POST", "/invitations", { days: Number(one("#invite-days").value) });
    one("#invite-text").textContent = location.origin + data.path;
    one("#invite").hidden = false;
    one("#invite-text").focus();
    tell(one("#invite-fault"), "");
  } catch (error) {
    tell(one("#invite-fault"), error.message);
  }
});

on(document, "click", "[data-copy]", async (event, button) => {
  const text = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.textContent);
    toast(t("account.copied"));
  } catch {
    getSelection().selectAllChildren(text);
    toast(t("account.copy_by_hand"));
  }
});

showKeys();
