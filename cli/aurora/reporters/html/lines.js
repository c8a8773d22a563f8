"use strict";
// Compares two texts given as lists of line numbers: a number stands for the same line everywhere on the page.
const Lines = {
  // Beyond so many differing lines the shortest script costs more time than it is worth: what lies between the equal
  // beginning and the equal end is then shown as replaced, which is just as true.
  LIMIT: 1500,

  // Gives blocks in order: {equal: true, a, b, n}, or {equal: false, a, an, b, bn} for lines that replace others.
  compare(before, after) {
    let start = 0;
    let endA = before.length;
    let endB = after.length;
    while (start < endA && start < endB && before[start] === after[start]) start++;
    while (endA > start && endB > start && before[endA - 1] === after[endB - 1]) (endA--, endB--);
    const pairs = [];
    for (let i = 0; i < start; i++) pairs.push([i, i]);
    for (const [a, b] of Lines.matches(before.slice(start, endA), after.slice(start, endB)))
      pairs.push([a + start, b + start]);
    for (let i = 0; endA + i < before.length; i++) pairs.push([endA + i, endB + i]);
    return Lines.blocks(pairs, before.length, after.length);
  },

  blocks(pairs, lengthA, lengthB) {
    const found = [];
    let a = 0;
    let b = 0;
    for (const [nextA, nextB] of [...pairs, [lengthA, lengthB]]) {
      if (nextA > a || nextB > b) found.push({ equal: false, a, an: nextA - a, b, bn: nextB - b });
      const last = found[found.length - 1];
      if (nextA === lengthA && nextB === lengthB) break;
      if (last && last.equal && nextA === a && nextB === b) last.n++;
      else found.push({ equal: true, a: nextA, b: nextB, n: 1 });
      a = nextA + 1;
      b = nextB + 1;
    }
    return found;
  },

  // The greedy algorithm of Myers (1986): gives the pairs of equal lines of a longest common subsequence.
  matches(a, b) {
    if (!a.length || !b.length) return [];
    const limit = Math.min(a.length + b.length, Lines.LIMIT);
    const middle = limit + 1;
    const reach = new Int32Array(2 * limit + 3).fill(-1);
    reach[middle + 1] = 0;
    const trace = [];
    for (let d = 0; d <= limit; d++) {
      trace.push(reach.slice());
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
        let x = down ? reach[middle + k + 1] : reach[middle + k - 1] + 1;
        let y = x - k;
        while (x < a.length && y < b.length && a[x] === b[y]) (x++, y++);
        reach[middle + k] = x;
        if (x >= a.length && y >= b.length) return Lines.walk(trace, middle, a.length, b.length);
      }
    }
    return [];
  },

  walk(trace, middle, x, y) {
    const pairs = [];
    for (let d = trace.length - 1; d >= 0; d--) {
      const reach = trace[d];
      const k = x - y;
      const down = k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
      const from = down ? k + 1 : k - 1;
      const fromX = d === 0 ? 0 : reach[middle + from];
      const fromY = d === 0 ? 0 : fromX - from;
      while (x > fromX && y > fromY) (x--, y--, pairs.push([x, y]));
      x = fromX;
      y = fromY;
    }
    return pairs.reverse();
  },

  // Gives the parts of two lines that differ, [start, end] in each; null where the lines have too little in common.
  within(one, two) {
    let start = 0;
    let endOne = one.length;
    let endTwo = two.length;
    while (start < endOne && start < endTwo && one[start] === two[start]) start++;
    while (endOne > start && endTwo > start && one[endOne - 1] === two[endTwo - 1]) (endOne--, endTwo--);
    const alike = one.slice(0, start).trim().length + one.length - endOne;
    return alike * 4 < Math.min(one.trim().length, two.trim().length) ? null : [[start, endOne], [start, endTwo]];
  },
};
