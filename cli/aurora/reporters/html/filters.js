"use strict";
// Decides which changes are in sight: one of the chosen values in every filter, and every word of the search.
class Filters {
  constructor(changes, rows) {
    Object.assign(this, { changes, rows });
    this.boxes = [...document.querySelectorAll("[data-facet]")];
    this.facets = [...new Set(this.boxes.map((box) => box.dataset.facet))];
    this.search = document.getElementById("search");
    this.members = rows.map(() => []);
    changes.forEach((change) => this.members[change.row].push(change));
    for (const change of changes) {
      const words = [change.name, change.environment, change.component, change.effect, ...change.impact];
      change.words = words.join("\n").toLowerCase();
      change.item = document.getElementById(change.anchor);
    }
    this.shared = rows.map((row) => row.querySelector(".shared").textContent.toLowerCase());
  }

  get active() {
    return this.search.value.trim() !== "" || this.boxes.some((box) => box.checked);
  }

  clear() {
    this.search.value = "";
    for (const box of this.boxes) box.checked = false;
  }

  // Gives how many filters refuse a change, and which one if it is a single one.
  refusals(change, chosen, words) {
    const found = this.facets.filter((facet) => {
      const values = chosen.get(facet);
      return values.size && ![].concat(change[facet]).some((value) => values.has(String(value)));
    });
    const text = words.every((word) => change.words.includes(word) || this.shared[change.row].includes(word));
    return text ? found : [...found, "search"];
  }

  apply() {
    const chosen = new Map(this.facets.map((facet) => [facet, new Set()]));
    for (const box of this.boxes) if (box.checked) chosen.get(box.dataset.facet).add(box.value);
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const counts = new Map(this.facets.map((facet) => [facet, new Map()]));
    this.seen = 0;
    for (const change of this.changes) {
      const refusals = this.refusals(change, chosen, words);
      change.seen = refusals.length === 0;
      if (change.seen) this.seen++;
      this.tally(change, refusals, counts);
    }
    this.show(counts);
  }

  // A value's count is what choosing it would show: changes that no other filter refuses.
  tally(change, refusals, counts) {
    for (const facet of this.facets) {
      if (refusals.some((name) => name !== facet)) continue;
      const found = counts.get(facet);
      for (const value of [].concat(change[facet])) found.set(String(value), (found.get(String(value)) || 0) + 1);
    }
  }

  show(counts) {
    // Chromium takes quadratic time to hide rows one by one, and next to none while their list is hidden.
    const list = document.getElementById("rows");
    const at = scrollY;
    list.hidden = true;
    list.getBoundingClientRect();
    this.select();
    list.hidden = this.seen === 0;
    scrollTo({ top: at, behavior: "instant" });
    for (const box of this.boxes) {
      const count = counts.get(box.dataset.facet).get(box.value) || 0;
      const label = box.closest("label");
      label.classList.toggle("none", count === 0);
      if (box.dataset.facet !== "cause") label.querySelector(".label").textContent = count.toLocaleString("en");
    }
  }

  select() {
    this.rowsSeen = 0;
    this.rows.forEach((row, number) => {
      const members = this.members[number];
      const seen = members.filter((change) => change.seen).length;
      row.parentElement.hidden = seen === 0;
      if (seen) this.rowsSeen++;
      if (members.length > 1) for (const change of members) change.item.hidden = !change.seen;
    });
  }
}
