"use strict";
// Chooses, filters and draws links. All words come from data and go into the page as text, never as markup.
class Graph {
  constructor({ nodes, edges }) {
    Object.assign(this, { nodes, edges, chosen: null, all: false });
    this.cards = document.getElementById("cards");
    this.wires = document.getElementById("wires");
    this.search = document.getElementById("search");
    this.selects = [...document.querySelectorAll("[data-facet]")];
    this.folds = [...document.querySelectorAll("[data-card]")];
    this.open = this.folds.map((fold) => fold.open);
    this.buttons = [...document.querySelectorAll("[data-node]")].sort((a, b) => a.dataset.node - b.dataset.node);
    this.needs = nodes.map(() => []);
    this.needed = nodes.map(() => []);
    for (const edge of edges) {
      this.needs[edge[0]].push(edge);
      this.needed[edge[1]].push(edge);
    }
    nodes.forEach((node, number) => {
      node.id = [node.kind, node.namespace, node.name].map(encodeURIComponent).join("/");
      node.words = Object.values(node).join("\n").toLowerCase();
      this.buttons[number].title = `${node.kind} ${node.name}, ${node.namespace}`;
    });
  }

  start() {
    document.getElementById("sieve").hidden = false;
    const all = document.getElementById("all-links");
    all.hidden = false;
    all.addEventListener("click", () => {
      this.all = !this.all;
      all.setAttribute("aria-pressed", String(this.all));
      this.draw();
    });
    this.buttons.forEach((button, number) => {
      button.addEventListener("click", () => this.choose(this.chosen === number ? null : number));
    });
    this.folds.forEach((fold, at) => {
      fold.addEventListener("toggle", () => this.draw());
      fold.firstElementChild.addEventListener("click", () => (this.open[at] = !fold.open));
    });
    const sieve = document.getElementById("sieve");
    sieve.addEventListener("input", () => this.filter());
    sieve.addEventListener("submit", (event) => event.preventDefault());
    sieve.addEventListener("reset", () => setTimeout(() => this.filter()));
    document.getElementById("close").addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("hashchange", () => this.follow());
    new ResizeObserver(() => this.draw()).observe(this.cards);
    this.filter();
    this.follow();
  }

  follow() {
    const wanted = location.hash.slice(1);
    const number = this.nodes.findIndex((node) => node.id === wanted);
    if (number >= 0 && number !== this.chosen) this.choose(number);
  }

  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = this.selects.filter((select) => select.value).map((select) => [select.dataset.facet, select.value]);
    let seen = 0;
    this.nodes.forEach((node, number) => {
      const fits = wanted.every(([facet, value]) => node[facet] === value) && words.every((word) => node.words.includes(word));
      this.buttons[number].parentElement.hidden = !fits;
      if (fits) seen++;
    });
    // What was searched for is shown; afterwards the cards are as people left them.
    const searching = words.length + wanted.length > 0;
    this.folds.forEach((card, at) => {
      card.hidden = ![...card.querySelectorAll("li")].some((item) => !item.hidden);
      card.open = searching ? !card.hidden : this.open[at] || card.contains(this.buttons[this.chosen] ?? null);
    });
    document.getElementById("seen").textContent = `${seen.toLocaleString("en")} of ${this.nodes.length.toLocaleString("en")} shown`;
    this.draw();
  }

  choose(number) {
    this.chosen = number;
    const near = new Set();
    if (number !== null) for (const [from, to] of [...this.needs[number], ...this.needed[number]]) near.add(from).add(to);
    this.buttons.forEach((button, at) => {
      button.setAttribute("aria-pressed", String(at === number));
      button.classList.toggle("near", near.has(at));
    });
    this.cards.classList.toggle("choosing", number !== null);
    this.cards.parentElement.classList.toggle("choosing-below", number !== null);
    document.getElementById("detail").classList.toggle("empty", number === null);
    if (number !== null) {
      this.tell(number);
      this.fold(number).open = true;
    }
    this.folds.forEach((fold) => fold.classList.toggle("near", !!fold.querySelector(".near")));
    history.replaceState(null, "", number === null ? location.pathname + location.search : `#${this.nodes[number].id}`);
    this.draw();
  }

  fold(number) {
    return this.buttons[number].closest("[data-card]");
  }

  // Where a link ends: at the object, or at its component while that is closed.
  end(number) {
    const fold = this.fold(number);
    return fold.open ? this.buttons[number] : fold.firstElementChild;
  }

  tell(number) {
    const node = this.nodes[number];
    document.getElementById("detail-name").textContent = node.name;
    const facts = document.getElementById("facts");
    facts.replaceChildren();
    for (const [word, value] of [["kind", node.kind], ["namespace", node.namespace], ["component", node.component], ["state", node.state], ["file", node.path]]) {
      if (!value) continue;
      facts.append(Object.assign(document.createElement("dt"), { textContent: word }));
      facts.append(Object.assign(document.createElement("dd"), { textContent: value }));
    }
    this.list("needs", this.needs[number], 1);
    this.list("needed", this.needed[number], 0);
  }

  list(id, edges, end) {
    const items = edges.map((edge) => {
      const other = this.nodes[edge[end]];
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.append(Object.assign(document.createElement("span"), { className: "how", textContent: edge[2] }));
      button.append(`${other.kind} ${other.inside}${other.name}`);
      button.addEventListener("click", () => this.go(edge[end]));
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    if (!items.length) items.push(Object.assign(document.createElement("li"), { className: "none", textContent: "nothing" }));
    document.getElementById(id).replaceChildren(...items);
  }

  go(number) {
    if (this.buttons[number].parentElement.hidden) document.getElementById("sieve").reset();
    setTimeout(() => {
      this.choose(number);
      document.getElementById("detail-name").focus({ preventScroll: true });
      this.buttons[number].scrollIntoView({ block: "nearest" });
    });
  }

  close() {
    const last = this.chosen;
    this.choose(null);
    if (last !== null) this.buttons[last].focus({ preventScroll: true });
  }

  key(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape") {
      if (typing) event.target.blur();
      this.close();
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      this.search.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !(typing && event.target.tagName !== "INPUT")) {
      const seen = [...this.cards.querySelectorAll(".node")].filter((button) => !button.parentElement.hidden && this.fold(button.dataset.node).open);
      const at = seen.indexOf(document.activeElement);
      const next = at < 0 ? 0 : at + (event.key === "ArrowDown" ? 1 : -1);
      if (seen[next]) {
        event.preventDefault();
        seen[next].focus();
      }
    }
  }

  draw() {
    const frame = this.cards.getBoundingClientRect();
    const paths = [];
    const twice = new Set();
    for (const [from, to] of this.edges) {
      const touching = from === this.chosen || to === this.chosen;
      if (!touching && !this.all) continue;
      const [one, two] = [this.end(from), this.end(to)];
      const drawn = `${[from, to].map((end) => (this.fold(end).open ? end : `card ${this.folds.indexOf(this.fold(end))}`)).join(" ")} ${touching}`;
      if ([from, to].some((end) => this.buttons[end].parentElement.hidden) || one === two || twice.has(drawn)) continue;
      twice.add(drawn);
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", curve(one.getBoundingClientRect(), two.getBoundingClientRect(), frame));
      if (touching) path.setAttribute("class", from === this.chosen ? "needs" : "needed");
      paths.push(path);
    }
    this.wires.replaceChildren(...paths);
  }
}

// From the side of one row to the nearer side of the other; within one column both ends leave to the right.
function curve(one, two, frame) {
  const y1 = one.top + one.height / 2 - frame.top;
  const y2 = two.top + two.height / 2 - frame.top;
  const same = Math.abs(one.left - two.left) < one.width / 2;
  const right = same || one.left < two.left;
  const x1 = (right ? one.right : one.left) - frame.left;
  const x2 = (same ? two.right : right ? two.left : two.right) - frame.left;
  const bend = same ? 16 + Math.min(Math.abs(y1 - y2) / 6, 18) : Math.max(24, Math.abs(x2 - x1) / 2);
  const c1 = right ? x1 + bend : x1 - bend;
  const c2 = same ? x2 + bend : right ? x2 - bend : x2 + bend;
  return `M${x1} ${y1}C${c1} ${y1} ${c2} ${y2} ${x2} ${y2}`;
}

new Graph(Aurora.data()).start();
