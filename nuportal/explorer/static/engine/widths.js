// Phase space and widths: relative rates to a massive neutrino, the dark and weak widths of nu4, its residue.
// Masses in GeV. Formulas and references: nucore.model.{kinematics, widths, dark_widths, nu4_decays, loop_corrections}.

const kallenOfMasses = (m, a, b) => (m - a - b) * (m + a + b) * (m - a + b) * (m + a - b);

/** Mass of a state less those of its products, compensated so that nothing is lost near a threshold. */
function massLeft(m, ...products) {
  let total = m, lost = 0;
  for (const product of products) {
    const left = total - product, taken = left - total;
    lost += (total - (left - taken)) - (product + taken);
    total = left;
  }
  return total + lost;
}

const twoBodyMomentum = (m, a, b) => (m > a + b ? Math.sqrt(kallenOfMasses(m, a, b)) / (2 * m) : 0);

/** Gamma(M -> l nu4)/(|U|^2 Gamma(M -> l nu)) of a pseudoscalar meson. */
function mesonRatio(mParent, mLepton, m4) {
  if (mParent <= mLepton + m4) return 0;
  const x = (mLepton / mParent) ** 2, y = (m4 / mParent) ** 2;
  const root = Math.sqrt(kallenOfMasses(mParent, mLepton, m4)) / mParent ** 2;
  return (x + y - (x - y) ** 2) * root / (x * (1 - x) ** 2);
}

/** The same of tau -> h nu4. */
function tauHadronRatio(mTau, mHadron, m4) {
  if (mTau <= mHadron + m4) return 0;
  const x = (mHadron / mTau) ** 2, y = (m4 / mTau) ** 2;
  return ((1 - y) ** 2 - x * (1 + y)) * Math.sqrt(kallenOfMasses(mTau, mHadron, m4)) / mTau ** 2 / (1 - x) ** 2;
}

const LEPTON_RULE = gaussLegendre(80);

/** Phase space of a V-A decay of a fermion to three of masses x1, x2, x3 (over that of the parent); 1 for massless. */
function threeLeptonFunction(x1, x2, x3) {
  if (x1 + x2 + x3 >= 1) return 0;
  const low = (x2 + x3) ** 2, high = (1 - x1) ** 2;
  let sum = 0;
  for (let i = 0; i < 80; i++) {
    const t = 0.25 * Math.PI * (LEPTON_RULE.nodes[i] + 1);
    const above = (high - low) * Math.sin(t) ** 2, below = (high - low) * Math.cos(t) ** 2, s = low + above;
    const pair = Math.sqrt(above * Math.max(s - (x2 - x3) ** 2, 0)), parent = Math.sqrt(below * ((1 + x1) ** 2 - s));
    const density = (s - x2 * x2 - x3 * x3) * (1 + x1 * x1 - s) * pair * parent / s;
    sum += LEPTON_RULE.weights[i] * density * 2 * Math.sqrt(above * below);
  }
  return 12 * 0.25 * Math.PI * sum;
}

const vectorFactor = (r) => (r < 1 ? (1 - r) ** 2 * (1 + 0.5 * r) : 0);
const zPairFactor = (r) => (r < 0.25 ? (1 - r) * Math.sqrt(1 - 4 * r) : 0);
const higgsPairFactor = (r) => r * Math.max(1 - 4 * r, 0) ** 1.5;

/** Gamma(phi -> chi nubar) for a left-handed coupling. */
function phiToChi(mPhi, mChi, mNu, coupling) {
  if (mPhi <= mChi + mNu) return 0;
  const root = Math.sqrt(kallenOfMasses(mPhi, mChi, mNu)) / mPhi ** 2;
  return mPhi * coupling ** 2 * (1 - (mChi ** 2 + mNu ** 2) / mPhi ** 2) * root / (16 * Math.PI);
}

const widthPhi = (p) =>
  phiToChi(p.m_phi, p.m_chi, 0, p.yL * Math.sqrt(p.s2)) + phiToChi(p.m_phi, p.m_chi, p.m4, p.yL * Math.sqrt(1 - p.s2));

const PANEL_RULE = gaussLegendre(16);
const PEAK_CORE = 10;

function differenceOfAsinh(high, low, span) {
  if (low * high <= 0) return Math.asinh(high) - Math.asinh(low);
  const product = high * Math.sqrt(1 + low * low) + low * Math.sqrt(1 + high * high);
  return Math.asinh(span * (high + low) / product);
}

/** Width of nu4 -> chi phi*, phi* -> chibar nu: one integral over the mass of phi* through its Breit-Wigner peak. */
function widthDark(p) {
  const { m_chi: mChi, m_phi: mPhi, m4, yL, s2 } = p;
  if (m4 <= 2 * mChi) return 0;
  const strength = yL * yL * s2 / (16 * Math.PI);
  const half = Math.max(strength * (mPhi - mChi * (mChi / mPhi)) ** 2, 1e-100 * mPhi * mPhi);
  const largest = m4 - mChi;
  const low = -(mPhi - mChi) * (mPhi + mChi) / half;
  const high = -((mPhi - m4) + mChi) * (mPhi + largest) / half;
  const tLow = Math.asinh(low), tHigh = Math.asinh(high);
  const length = differenceOfAsinh(high, low, m4 * (m4 - 2 * mChi) / half);
  const inside = Math.min(0.5 * PEAK_CORE, 0.5 * length);
  const share = Math.min(Math.max(-tLow, inside), length - inside) / length;
  let sum = 0;
  for (const [part, upper] of [[share * length, false], [(1 - share) * length, true]]) {
    const split = Math.sqrt(part > 2 * PEAK_CORE ? 1 - PEAK_CORE / Math.max(part, PEAK_CORE) : 0.25);
    for (const [start, end] of [[0, split], [split, 1]]) {
      for (let i = 0; i < 16; i++) {
        const u = start + (end - start) * 0.5 * (PANEL_RULE.nodes[i] + 1);
        const near = part * u * u; // distance in t from the end of this half
        const up = upper ? length - near : near, down = upper ? near : length - near;
        const e = Math.exp(upper ? tHigh - near : tLow + near);
        const fromPeak = 0.5 * half * (e - 1 / e);
        const fromLow = 0.5 * half * Math.expm1(up) * (Math.exp(tLow) + 1 / e);
        const fromHigh = 0.5 * half * Math.expm1(down) * (e + Math.exp(-tHigh));
        const weight = 0.5 * half * (e + 1 / e) * 2 * part * u * 0.5 * (end - start) * PANEL_RULE.weights[i];
        const qSq = mChi * mChi + fromLow, q = Math.sqrt(qSq);
        const absorptive = Math.min(strength * fromLow * fromLow / qSq, half);
        const spectrum = absorptive / (Math.PI * (fromPeak * fromPeak + absorptive * absorptive));
        const root = Math.sqrt(fromHigh * (m4 + mChi + q) * (2 * mChi + fromHigh / (largest + q))) / m4 ** 2;
        const trace = yL * yL * (1 - s2) * (1 + (mChi / m4) ** 2 - (q / m4) ** 2);
        sum += weight * spectrum * m4 * root * trace / (32 * Math.PI);
      }
    }
  }
  return sum;
}

/** Absorptive part of the chi-phi bubble at Q^2 = (m_chi + m_phi)^2 + above. */
function runningWidth(above, mChi, mPhi, yL) {
  const total = mChi + mPhi, qSq = total * total + above;
  const root = Math.sqrt(above * (above + 4 * mChi * mPhi));
  return yL * yL / (32 * Math.PI) * (above + 2 * mChi * total) * root / (qSq * qSq);
}

/** Weak widths of nu4 from the table: all, and what a detector sees; null outside the table. */
function weakWidths(tables, p, flavour) {
  const { m4_GeV: masses, charged, seen, invisible } = tables.weak;
  if (p.m4 < masses[0] || p.m4 > masses[masses.length - 1]) return null;
  const unit = p.m4 ** 5 * tables.weak.unit, at = (column) => unit * (logLog(p.m4, masses, column) ?? 0);
  const visible = p.s2 * ((1 - p.s2) * at(seen[flavour]) + p.s2 * at(charged[flavour]));
  return { visible, weak: visible + p.s2 * (1 - p.s2) * at(invisible) };
}

const LOOP_RULE = gaussLegendre(48);

/** int_0^1 y^2 (1 - y)/(y - root) dy, up to an imaginary part for real roots. */
function poleMoment(root) {
  const inverse = add([1, 0], scaled(over([1, 0], root), -1));
  const log = inverse[0] === 0 && inverse[1] === 0 ? [0, 0] : complexLog(inverse);
  const rest = add([1, 0], scaled(root, -1));
  const first = times(times(times(root, root), rest), log);
  return add(add(first, times(root, rest)), add(scaled(root, -0.5), [1 / 6, 0]));
}

/** m4^2 Sigma'(m4^2) of the chi-phi loop over yL^2/(16 pi^2), for m4 below m_chi + m_phi. */
function loopSlope(mChi, mPhi, m4) {
  if (m4 < 0.5 * (mChi + mPhi)) {
    let sum = 0;
    for (let i = 0; i < 48; i++) {
      const y = 0.5 * (LOOP_RULE.nodes[i] + 1);
      const u = m4 * m4 * y * (1 - y) / (y * mPhi * mPhi + (1 - y) * mChi * mChi);
      sum += 0.5 * LOOP_RULE.weights[i] * y * u / (1 - u);
    }
    return sum;
  }
  let m = (1 - 1e-15) * m4;
  if (Math.abs(m / (mPhi - mChi) - 1) < 1e-9) m *= 1 + 1e-9;
  const rChi = mChi / m, rPhi = mPhi / m;
  let gap = (m - mChi - mPhi) / m;
  if (Math.abs(gap) < 1e-15) gap = gap < 0 ? -1e-15 : 1e-15;
  const kallen = gap * (2 - gap) * (1 - rPhi + rChi) * (1 + rPhi - rChi);
  const middle = 0.5 * (1 + rChi * rChi - rPhi * rPhi);
  const half = kallen >= 0 ? [0.5 * Math.sqrt(kallen), 0] : [0, 0.5 * Math.sqrt(-kallen)];
  const high = add([middle, 0], middle < 0 ? scaled(half, -1) : half);
  const low = over([rChi * rChi, 0], high);
  const poles = over(add(poleMoment(high), scaled(poleMoment(low), -1)), add(high, scaled(low, -1)));
  return poles[0];
}

/** Residue of a nu4 that cannot decay to chi phi, and 1 for one that can. */
function poleResidue(p) {
  const total = p.m_chi + p.m_phi;
  if (p.m4 > total) return 1;
  if (p.m4 === total) return 0;
  const slope = loopSlope(p.m_chi, p.m_phi, p.m4) * p.yL ** 2 / (16 * Math.PI ** 2);
  const root = Math.hypot(1, slope);
  return 1 / (root * (root + slope));
}
