"use strict";
// Shows the texts of one change, unified or side by side; long equal stretches are folded, never left out.
const Texts = {
  CONTEXT: 3,
  lines: [],

  element(name, cls, ...children) {
    const found = document.createElement(name);
    if (cls) found.className = cls;
    found.append(...children);
    return found;
  },

  unfold(runs) {
    const found = [];
    for (let i = 0; i < runs.length; i += 2) for (let j = 0; j < runs[i + 1]; j++) found.push(runs[i] + j);
    return found;
  },

  show(container, change, view) {
    container.dataset.shown = change.anchor + " " + view;
    if (change.before === null || change.after === null) {
      container.replaceChildren(
        Texts.element("p", "note warn", "The text of this manifest found no room on this page; the report as JSON has every field."),
      );
      return;
    }
    const before = Texts.unfold(change.before);
    const after = Texts.unfold(change.after);
    const blocks = Lines.compare(before, after);
    const draw = view === "split" ? new Split(before, after) : new Unified(before, after);
    const rows = blocks.flatMap((block, index) =>
      block.equal
        ? Texts.stretch(draw, block, { first: index === 0, last: index === blocks.length - 1 })
        : draw.replaced(block),
    );
    const table = Texts.element("table", "lines " + view, draw.columns(), Texts.element("tbody", "", ...rows));
    table.setAttribute("aria-label", "Texts of " + change.name + (view === "split" ? " side by side" : ""));
    container.replaceChildren(Texts.element("section", "sheet", Texts.head(change, blocks), table));
  },

  head(change, blocks) {
    const count = (key) => blocks.reduce((sum, block) => sum + (block.equal ? 0 : block[key]), 0);
    const files = [...new Set(change.files.filter(Boolean))].join(" → ");
    const plus = Texts.element("span", "plus", "+" + count("bn"));
    const minus = Texts.element("span", "minus", "−" + count("an"));
    const equal = blocks.every((block) => block.equal);
    return Texts.element(
      "header",
      "",
      Texts.element("span", "", change.name + (files ? " · " + files : "")),
      equal ? Texts.element("span", "", "the texts are equal") : Texts.element("span", "", plus, " ", minus),
    );
  },

  // Gives the rows of equal lines: those next to a difference, and a button for the others.
  stretch(draw, block, { first, last }) {
    const head = first ? 0 : Math.min(Texts.CONTEXT, block.n);
    const tail = last ? 0 : Math.min(Texts.CONTEXT, block.n - head);
    const rows = (from, to) => Array.from({ length: to - from }, (_, i) => draw.same(block, from + i));
    if (block.n - head - tail <= 1) return rows(0, block.n);
    const button = Texts.element("button", "", "⋯ " + (block.n - head - tail) + " equal lines");
    button.type = "button";
    const gap = Texts.element("tr", "gap", Texts.element("td", "", button));
    gap.firstChild.colSpan = 4;
    button.addEventListener("click", () => gap.replaceWith(...rows(head, block.n - tail)));
    return [...rows(0, head), gap, ...rows(block.n - tail, block.n)];
  },

  // Gives a cell of code; `part` is the stretch of the line that differs from its counterpart.
  code(tag, cls, line, part) {
    const held = tag ? Texts.element(tag, "") : document.createDocumentFragment();
    if (part && part[1] > part[0]) {
      held.append(line.slice(0, part[0]), Texts.element("mark", "", line.slice(...part)), line.slice(part[1]));
    } else held.append(line);
    return Texts.element("td", "code " + cls, held);
  },

  columns(...classes) {
    return Texts.element("colgroup", "", ...classes.map((cls) => Texts.element("col", cls)));
  },

  // Pairs replaced lines by their order and gives, for each pair, the parts that differ.
  parts(block, before, after) {
    return Array.from({ length: Math.min(block.an, block.bn) }, (_, i) =>
      Lines.within(Texts.lines[before[block.a + i]], Texts.lines[after[block.b + i]]),
    );
  },
};

class Unified {
  constructor(before, after) {
    Object.assign(this, { before, after });
  }

  columns() {
    return Texts.columns("narrow", "narrow", "", "");
  }

  row(a, b, sign, code) {
    const cell = (cls, text) => Texts.element("td", cls, text);
    const tone = sign === "−" ? "del" : sign === "+" ? "ins" : "";
    return Texts.element("tr", tone, cell("at", a), cell("at", b), cell("sign", sign), code);
  }

  same(block, i) {
    const line = Texts.lines[this.before[block.a + i]];
    return this.row(block.a + i + 1, block.b + i + 1, "", Texts.code("", "", line));
  }

  replaced(block) {
    const parts = Texts.parts(block, this.before, this.after);
    const rows = [];
    for (let i = 0; i < block.an; i++) {
      const line = Texts.lines[this.before[block.a + i]];
      rows.push(this.row(block.a + i + 1, "", "−", Texts.code("del", "", line, parts[i] && parts[i][0])));
    }
    for (let i = 0; i < block.bn; i++) {
      const line = Texts.lines[this.after[block.b + i]];
      rows.push(this.row("", block.b + i + 1, "+", Texts.code("ins", "", line, parts[i] && parts[i][1])));
    }
    return rows;
  }
}

class Split {
  constructor(before, after) {
    Object.assign(this, { before, after });
  }

  columns() {
    return Texts.columns("narrow", "", "narrow", "");
  }

  same(block, i) {
    const line = Texts.lines[this.before[block.a + i]];
    const at = (number) => Texts.element("td", "at", number);
    return Texts.element(
      "tr",
      "",
      at(block.a + i + 1),
      Texts.code("", "", line),
      at(block.b + i + 1),
      Texts.code("", "", line),
    );
  }

  replaced(block) {
    const parts = Texts.parts(block, this.before, this.after);
    return Array.from({ length: Math.max(block.an, block.bn) }, (_, i) =>
      Texts.element(
        "tr",
        "",
        ...this.half("del", this.before, i < block.an ? block.a + i : -1, parts[i] && parts[i][0]),
        ...this.half("ins", this.after, i < block.bn ? block.b + i : -1, parts[i] && parts[i][1]),
      ),
    );
  }

  half(tag, numbers, at, part) {
    if (at < 0) return [Texts.element("td", "at void"), Texts.element("td", "code void")];
    return [Texts.element("td", "at " + tag, at + 1), Texts.code(tag, tag, Texts.lines[numbers[at]], part)];
  }
}
