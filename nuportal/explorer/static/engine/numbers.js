// Numerical methods: quadrature nodes, interpolation, special functions, complex numbers as [re, im].

/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1]. */
function gaussLegendre(n) {
  const nodes = new Float64Array(n), weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = -Math.cos(Math.PI * (i + 0.75) / (n + 0.5)), slope = 1;
    for (let step = 0; step < 20; step++) {
      let before = 1, value = x;
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = n * (x * value - before) / (x * x - 1);
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** Number of the interval of increasing xs that holds x, from 0 to length - 2. */
function intervalOf(x, xs) {
  let low = 0, high = xs.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle; else high = middle;
  }
  return low;
}

/** Linear interpolation, constant beyond the ends. */
function linear(x, xs, ys) {
  if (x <= xs[0]) return ys[0];
  if (x >= xs[xs.length - 1]) return ys[ys.length - 1];
  const i = intervalOf(x, xs);
  return ys[i] + (ys[i + 1] - ys[i]) * (x - xs[i]) / (xs[i + 1] - xs[i]);
}

/** Interpolation linear in the logarithms; null where either neighbour is null. */
function logLog(x, xs, ys) {
  const i = intervalOf(x, xs);
  if (x === xs[i]) return ys[i];
  if (x === xs[i + 1]) return ys[i + 1];
  if (ys[i] === null || ys[i + 1] === null) return null;
  const share = Math.log(x / xs[i]) / Math.log(xs[i + 1] / xs[i]);
  return ys[i] * Math.pow(ys[i + 1] / ys[i], share);
}

/** Root of a continuous function between two ends where its signs differ, by secants and bisection. */
function findRoot(f, low, high, tolerance) {
  let a = low, b = high, fa = f(a), fb = f(b);
  if (fa === 0) return a;
  for (let n = 0; n < 200 && b - a > tolerance; n++) {
    let x = n % 3 === 2 ? 0.5 * (a + b) : a - fa * (b - a) / (fb - fa);
    if (!(x > a && x < b)) x = 0.5 * (a + b);
    const fx = f(x);
    if (fx === 0) return x;
    if ((fx > 0) === (fa > 0)) { a = x; fa = fx; } else { b = x; fb = fx; }
  }
  return 0.5 * (a + b);
}

/** Error function: power series, and a continued fraction of erfc beyond 2.5. */
function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x, sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = 0.5 * n / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * (size + fraction)));
}

/** Probability that a standard normal variable is below x. */
const normalBelow = (x) => 0.5 * (1 + erf(x / Math.SQRT2));

const add = (a, b) => [a[0] + b[0], a[1] + b[1]];
const times = (a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
const scaled = (a, factor) => [a[0] * factor, a[1] * factor];

function over(a, b) {
  const size = b[0] * b[0] + b[1] * b[1];
  return [(a[0] * b[0] + a[1] * b[1]) / size, (a[1] * b[0] - a[0] * b[1]) / size];
}

const complexLog = (a) => [0.5 * Math.log(a[0] * a[0] + a[1] * a[1]), Math.atan2(a[1], a[0])];

/** Principal square root. */
function complexRoot(a) {
  const size = Math.hypot(a[0], a[1]);
  return [Math.sqrt(0.5 * (size + a[0])), Math.sign(a[1] || 1) * Math.sqrt(Math.max(0.5 * (size - a[0]), 0))];
}

const FADDEEVA_TERMS = 40;
let faddeevaSeries = null;

/** Coefficients of the rational expansion of Faddeeva's w: J. A. C. Weideman, SIAM J. Numer. Anal. 31 (1994) 1497. */
function faddeevaCoefficients() {
  const n = FADDEEVA_TERMS, m = 2 * n, scale = Math.sqrt(n / Math.SQRT2);
  const coefficients = new Float64Array(n);
  for (let j = 1; j <= n; j++) {
    let sum = 0;
    for (let k = 1 - m; k < m; k++) {
      const angle = k * Math.PI / m, t = scale * Math.tan(0.5 * angle);
      sum += Math.exp(-t * t) * (scale * scale + t * t) * Math.cos(j * angle);
    }
    coefficients[j - 1] = sum / (2 * m);
  }
  return { coefficients, scale };
}

/** Faddeeva's function w(z) = exp(-z^2) erfc(-i z) in the upper half plane. */
function faddeeva(z) {
  faddeevaSeries ??= faddeevaCoefficients();
  const { coefficients, scale } = faddeevaSeries;
  const below = [scale + z[1], -z[0]]; // L - i z
  const ratio = over([scale - z[1], z[0]], below); // (L + i z)/(L - i z)
  let sum = [0, 0];
  for (let j = FADDEEVA_TERMS - 1; j >= 0; j--) sum = add(times(sum, ratio), [coefficients[j], 0]);
  return add(scaled(over(sum, times(below, below)), 2), over([1 / Math.sqrt(Math.PI), 0], below));
}

/** Number as Python's %g prints it. */
function general(x, digits = 6) {
  if (x === 0 || !Number.isFinite(x)) return String(x);
  const exponent = Math.floor(Math.log10(Math.abs(Number(x.toPrecision(digits)))));
  if (exponent < -4 || exponent >= digits) {
    const [mantissa, power] = x.toExponential(digits - 1).split("e");
    const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    const size = String(Math.abs(Number(power))).padStart(2, "0");
    return `${trimmed}e${Number(power) < 0 ? "-" : "+"}${size}`;
  }
  const fixed = x.toFixed(Math.max(digits - 1 - exponent, 0));
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}
