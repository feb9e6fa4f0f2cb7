// Labels on curves, where they cover no other label and the fewest lines.

const LABEL_SIZE = 11.5;

const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** Points of a curve in pixels, no further apart than `step`, inside of the axes. */
function sampled(all, x, y, step = 9) {
  const found = [];
  for (const piece of all) {
    piece.forEach(([a, b], k) => {
      const [c, d] = piece[Math.max(k - 1, 0)];
      const n = Math.max(1, Math.ceil(Math.hypot(a - c, b - d) / step));
      for (let j = 1; j <= n; j++) found.push([c + ((a - c) * j) / n, d + ((b - d) * j) / n]);
    });
  }
  return found.filter(([a, b]) => a >= x.from && a <= x.to && b >= y.to && b <= y.from);
}

function boxesAt([a, b], width, height) {
  const gap = 4;
  return [
    [a - width / 2, b + gap, a + width / 2, b + gap + height],
    [a - width / 2, b - gap - height, a + width / 2, b - gap],
    [a + gap + 2, b - height / 2, a + gap + 2 + width, b + height / 2],
    [a - gap - 2 - width, b - height / 2, a - gap - 2, b + height / 2],
  ];
}

/** Boxes of labels: [curve index, [left, top, right, bottom]]; curves without room get none. */
function placedLabels(labels, samples, x, y, taken = [], most = Infinity) {
  const inside = (box) => box[0] > x.from + 3 && box[2] < x.to - 3 && box[1] > y.to + 3 && box[3] < y.from - 3;
  const crossings = (box) => samples.reduce((sum, points) => sum + points.filter(
    ([a, b]) => a > box[0] - 1 && a < box[2] + 1 && b > box[1] && b < box[3]).length, 0);
  const placed = [];
  const boxes = [...taken];
  labels.forEach((label, k) => {
    if (!label || !samples[k].length || placed.length >= most) return;
    const width = textWidth(label, LABEL_SIZE) + 4;
    let best = null;
    for (const point of candidates(samples[k])) {
      boxesAt(point, width, LABEL_SIZE + 3).forEach((box, side) => {
        if (!inside(box) || boxes.some((other) => overlap(box, other))) return;
        const cost = crossings(box) + (side > 1 ? 0.5 : 0);
        if (best === null || cost < best[0]) best = [cost, box];
      });
    }
    if (best === null || best[0] > 8) return;
    boxes.push(best[1]);
    placed.push([k, best[1]]);
  });
  return placed;
}

/** Some points of a curve, its ends and its lowest point among them. */
function candidates(points) {
  const step = Math.max(1, Math.floor(points.length / 22));
  const lowest = points.reduce((a, b) => (b[1] > a[1] ? b : a));
  return [lowest, ...points.filter((_, k) => k % step === 0), points.at(-1)];
}
