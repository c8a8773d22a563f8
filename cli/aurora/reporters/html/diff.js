"use strict";
// The page of a diff: rows that open, filters, keys, links.
(() => {
  const rows = [...document.querySelectorAll(".row")];
  const dialog = document.getElementById("keys");
  const help = document.getElementById("help");
  help.hidden = false;
  help.addEventListener("click", () => dialog.showModal());
  if (!rows.length) return;

  const { lines, changes } = Aurora.data();
  Texts.lines = lines;
  const filters = new Filters(changes, rows);
  const byAnchor = new Map(changes.map((change) => [change.anchor, change]));
  const narrow = matchMedia("(max-width: 40rem)");
  let view = Aurora.recall("view") === "split" ? "split" : "unified";
  let current = null;

  // Texts.

  const chosen = (row) => {
    const members = filters.members[row.dataset.row];
    return members.find((change) => change.chosen) || members.find((change) => change.seen) || members[0];
  };

  const draw = (row) => {
    const container = row.querySelector(".texts");
    const change = chosen(row);
    const wanted = narrow.matches ? "unified" : view;
    if (container.dataset.shown === change.anchor + " " + wanted) return;
    Texts.show(container, change, wanted);
    for (const item of row.querySelectorAll(".objects li")) {
      item.classList.toggle("chosen", item.id === change.anchor);
      if (item.id === change.anchor) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  };

  // Many rows may be opened at once: only those near the window are drawn.
  const near = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && entry.target.open && draw(entry.target)),
    { rootMargin: "600px" },
  );
  for (const row of rows)
    row.addEventListener("toggle", () => {
      if (row.open) near.observe(row);
      else near.unobserve(row);
    });

  const redraw = () => {
    for (const row of rows) {
      if (!row.open) continue;
      near.unobserve(row);
      near.observe(row);
    }
  };

  const setView = (name) => {
    view = name;
    Aurora.remember("view", name);
    for (const button of document.querySelectorAll("[data-view]"))
      button.setAttribute("aria-pressed", String(button.dataset.view === name));
    redraw();
  };

  // Filters.

  const count = document.getElementById("count");
  const plural = (number, noun) => number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");
  const refresh = () => {
    filters.apply();
    const all = filters.seen === changes.length;
    const found = plural(filters.seen, "change") + " in " + plural(filters.rowsSeen, "row");
    count.textContent = all ? found : found + " shown, of " + plural(changes.length, "change");
    document.getElementById("clear").hidden = !filters.active;
    document.getElementById("nothing").hidden = filters.seen > 0;
    redraw();
  };
  const clear = () => {
    filters.clear();
    refresh();
  };

  // Rows.

  const inSight = () => rows.filter((row) => !row.parentElement.hidden);
  const focus = (row) => {
    current = row;
    const summary = row.querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const seen = inSight();
    const at = seen.indexOf(current);
    const next = at < 0 ? (by > 0 ? 0 : seen.length - 1) : at + by;
    if (seen[next]) focus(seen[next]);
  };
  const toggle = (row) => {
    if (!row) return;
    row.open = !row.open;
    if (!row.open) return;
    draw(row);
    if (row.getBoundingClientRect().bottom > innerHeight) row.querySelector("summary").scrollIntoView();
  };
  const toggleEvery = () => {
    const seen = inSight();
    const open = seen.some((row) => !row.open);
    for (const row of seen) row.open = open;
    document.getElementById("every").textContent = open ? "Close all" : "Open all";
  };

  // Links: `#` and the anchor of a change.

  const follow = () => {
    const anchor = location.hash.slice(1);
    const change = byAnchor.get(anchor);
    const row = change ? rows[change.row] : rows.find((entry) => entry.id === anchor);
    if (!row) return;
    if ((change && !change.seen) || row.parentElement.hidden) clear();
    for (const other of filters.members[row.dataset.row]) other.chosen = other === change;
    row.open = true;
    draw(row);
    focus(row);
    if (change && change.item !== row) change.item.scrollIntoView({ block: "nearest" });
  };

  // Keys.

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    e: () => toggle(current),
    E: toggleEvery,
    "/": () => filters.search.focus(),
    v: () => setView(view === "split" ? "unified" : "split"),
    x: clear,
    d: Aurora.nextScheme,
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.target === filters.search) {
      if (event.key === "Escape") filters.search.blur();
      if (event.key === "Enter") step(1);
      return;
    }
    const key = keys[event.key];
    if (!key) return;
    event.preventDefault();
    key();
  });

  document.getElementById("rows").addEventListener("focusin", (event) => {
    current = event.target.closest(".row") || current;
  });
  filters.search.addEventListener("input", refresh);
  for (const box of filters.boxes) box.addEventListener("change", refresh);
  for (const id of ["clear", "clear-too"]) document.getElementById(id).addEventListener("click", clear);
  for (const button of document.querySelectorAll("[data-view]"))
    button.addEventListener("click", () => setView(button.dataset.view));
  document.getElementById("every").addEventListener("click", toggleEvery);
  narrow.addEventListener("change", redraw);
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => rows.filter((row) => row.open).forEach(draw));
  if (matchMedia("(max-width: 62rem)").matches) document.getElementById("filters").open = false;
  setView(view);
  refresh();
  // The browser goes to the anchor by itself, late, and takes the focus away from what is there.
  addEventListener("load", () => setTimeout(follow));
})();
