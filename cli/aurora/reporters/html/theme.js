"use strict";
// Runs before the first paint: a chosen colour scheme must not flash. Everything else of a page runs at its end.
const Aurora = {
  data() {
    return JSON.parse(document.getElementById("data").textContent);
  },
  remember(key, value) {
    // A page that is opened from a folder, or in a private window, may not be allowed to remember.
    try {
      localStorage.setItem("aurora." + key, value);
    } catch {}
  },
  recall(key) {
    try {
      return localStorage.getItem("aurora." + key);
    } catch {
      return null;
    }
  },
  scheme(name) {
    const root = document.documentElement;
    if (name === "light" || name === "dark") root.dataset.scheme = name;
    else delete root.dataset.scheme;
  },
  nextScheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.scheme || (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    Aurora.scheme(next);
    Aurora.remember("scheme", next);
    const button = document.getElementById("scheme");
    if (button) button.setAttribute("aria-pressed", String(next === "dark"));
  },
};
Aurora.scheme(Aurora.recall("scheme"));
document.addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("scheme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.scheme || (dark ? "dark" : "light");
  button.setAttribute("aria-pressed", String(now === "dark"));
  button.addEventListener("click", Aurora.nextScheme);
  button.hidden = false;
});
