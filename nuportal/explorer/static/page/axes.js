// Scales, axes and curves of the pictures.

/** A scale from values to pixels, and back. */
function scale(low, high, from, to, log) {
  const f = log ? Math.log10 : (v) => v;
  const a = f(low);
  const slope = (to - from) / (f(high) - a);
  const at = (value) => from + (f(value) - a) * slope;
  at.inverse = (pixel) => (log ? 10 ** (a + (pixel - from) / slope) : a + (pixel - from) / slope);
  return Object.assign(at, { low, high, from, to, log });
}

/** Ticks of a scale: [value, label or ""], labels at least `room` pixels apart. */
function ticks(axis, room) {
  return axis.log ? logTicks(axis, room) : linearTicks(axis, room);
}

function logTicks(axis, room) {
  const found = [];
  const first = Math.ceil(Math.log10(axis.low) - 1e-9);
  const last = Math.floor(Math.log10(axis.high) + 1e-9);
  const decade = Math.abs(axis.to - axis.from) / Math.log10(axis.high / axis.low);
  const step = Math.max(1, Math.ceil(room / decade));
  for (let n = first - 1; n <= last; n++) {
    if (n >= first) found.push([10 ** n, n % step === 0 ? power(n) : "", n % step === 0]);
    for (let k = 2; k < 10 && decade > 24; k++) {
      const value = k * 10 ** n;
      if (value > axis.low && value < axis.high) found.push([value, "", false]);
    }
  }
  return found;
}

function linearTicks(axis, room) {
  const span = axis.high - axis.low;
  const wish = (span * room) / Math.abs(axis.to - axis.from);
  const unit = 10 ** Math.floor(Math.log10(wish));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * unit).find((k) => k >= wish);
  const found = [];
  for (let k = Math.ceil(axis.low / step - 1e-9); k * step <= axis.high + 1e-9 * span; k++) {
    found.push([k * step, readable(Number((k * step).toPrecision(6)), 6), true]);
  }
  return found;
}

/** Frame, ticks and titles. */
function drawAxes(x, y, titles, { xLabels = true, yRoom = 24, xRoom = 46 } = {}) {
  const group = svg("g", { class: "axes" });
  for (const [value, label, major] of ticks(x, xRoom)) {
    const at = x(value).toFixed(1);
    const length = major ? 7 : 4;
    group.append(svg("path", { d: `M${at} ${y.from}v${-length}M${at} ${y.to}v${length}` }));
    if (label && xLabels) group.append(svg("text", { x: at, y: y.from + 17, "text-anchor": "middle", "font-size": 12 }, label));
  }
  for (const [value, label, major] of ticks(y, yRoom)) {
    const at = y(value).toFixed(1);
    const length = major ? 7 : 4;
    group.append(svg("path", { d: `M${x.from} ${at}h${length}M${x.to} ${at}h${-length}` }));
    if (label) group.append(svg("text", { x: x.from - 7, y: at, dy: 4, "text-anchor": "end", "font-size": 12 }, label));
  }
  group.append(svg("rect", { x: x.from, y: y.to, width: x.to - x.from, height: y.from - y.to, class: "frame" }));
  const middle = [(x.from + x.to) / 2, (y.from + y.to) / 2];
  if (titles[0]) group.append(svgText(titles[0], { x: middle[0], y: y.from + 38, "text-anchor": "middle", class: "title" }, 14));
  const turn = `translate(${titles[2] ?? 14} ${middle[1]}) rotate(-90)`;
  if (titles[1]) group.append(svgText(titles[1], { transform: turn, "text-anchor": "middle", class: "title" }, 14));
  return group;
}

const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

/** Pieces of a curve between its gaps, in pixels; values below `floor` (of a logarithm) end a piece. */
function pieces(x, y, xs, ys) {
  const found = [];
  let piece = [];
  xs.forEach((value, k) => {
    if (known(value) && known(ys[k]) && (!y.log || ys[k] > 0) && (!x.log || value > 0)) piece.push([x(value), y(ys[k])]);
    else if (piece.length) [piece] = [[], found.push(piece)];
  });
  if (piece.length) found.push(piece);
  return found;
}

const lineOf = (piece) => "M" + piece.map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join("L");
const pathOf = (all) => all.filter((piece) => piece.length > 1).map(lineOf).join("");
/** Area between a curve and a height. */
const areaOf = (all, height) => all.filter((piece) => piece.length > 1)
  .map((piece) => `${lineOf(piece)}V${height}H${piece[0][0].toFixed(1)}Z`).join("");

/** Value of a curve at a mass, straight in the logarithms; null outside. */
function valueAt(curve, mass) {
  const { x, y } = curve;
  for (let k = 1; k < x.length; k++) {
    const inside = (x[k - 1] <= mass && mass <= x[k]) || (x[k] <= mass && mass <= x[k - 1]);
    if (!inside || !known(y[k - 1]) || !known(y[k]) || y[k] <= 0 || y[k - 1] <= 0) continue;
    if (x[k] === x[k - 1]) return Math.min(y[k], y[k - 1]);
    const share = Math.log(mass / x[k - 1]) / Math.log(x[k] / x[k - 1]);
    return Math.exp(Math.log(y[k - 1]) + share * Math.log(y[k] / y[k - 1]));
  }
  return null;
}
