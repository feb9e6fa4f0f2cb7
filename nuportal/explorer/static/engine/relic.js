// Omega h^2 of a point from all annihilation channels: the Boltzmann equation of nucore.cosmology.relic_density, with
// the reaction densities of nucore.cosmology.{reaction_densities, coannihilation, z_annihilation, freeze_out}.
// Masses in units of m_chi but for m_chi itself (GeV).

const X_LOW = 1, X_HIGH = 3000, CHI_STATES = 4, FULL_STEPS = 96, NEGLIGIBLE = Math.log(1e-3), TINY = 1e-200;
const CHEBYSHEV = 12, LOG_STEP = 0.75, CENTRE_X = 0.5 * Math.log(X_LOW * X_HIGH), HALF_X = 0.5 * Math.log(X_HIGH / X_LOW);

/** Nodes in the energy above a threshold and in ln x, shared by all reactions. */
const DENSITY_RULE = (() => {
  const above = [], nodes = [], boltzmann = [];
  for (let i = 0, log = Math.log(3e-6); log < Math.log(30) - 1e-9; log = Math.log(3e-6) + LOG_STEP * ++i) above.push(Math.exp(log));
  for (let i = 0; i < CHEBYSHEV; i++) nodes.push(Math.exp(CENTRE_X + HALF_X * Math.cos(Math.PI * (i + 0.5) / CHEBYSHEV)));
  for (const x of nodes) boltzmann.push(above.map((energy) => Math.exp(-x * energy)));
  return { above, nodes, boltzmann };
})();

/** Modified Bessel function K_2(x) exp(x). */
function scaledBessel2(x) {
  let sum = 0.5;
  const step = 0.02;
  for (let i = 1; i < 1000; i++) {
    const t = i * step, term = Math.exp(-x * (Math.cosh(t) - 1)) * Math.cosh(2 * t);
    sum += term;
    if (term < 1e-17 * sum) break;
  }
  return sum * step;
}

/** x = m_chi/T at ends and middles of steps that are denser around freeze-out, with what depends on x alone. */
const freezeOutGrid = (() => {
  const grids = new Map();
  return (steps) => {
    if (!grids.has(steps)) {
      const count = [], logs = [], n = 4001;
      for (let i = 0; i < n; i++) {
        const log = Math.log(X_HIGH / X_LOW) * i / (n - 1) + Math.log(X_LOW);
        logs.push(log);
        count.push(log + 6 * 0.8 * Math.sqrt(0.5 * Math.PI) * erf((log - Math.log(30)) / (Math.SQRT2 * 0.8)));
      }
      const x = [], chi = [], polynomials = [];
      for (let i = 0; i <= 2 * steps; i++) {
        const log = linear(count[0] + (count[n - 1] - count[0]) * i / (2 * steps), count, logs);
        x.push(Math.exp(log));
        chi.push(CHI_STATES * scaledBessel2(Math.exp(log)) / (2 * Math.PI ** 2 * Math.exp(log)));
        const z = Math.min(Math.max((log - CENTRE_X) / HALF_X, -1), 1);
        polynomials.push(Array.from({ length: CHEBYSHEV }, (_, j) => Math.cos(j * Math.acos(z))));
      }
      grids.set(steps, { x, chi, polynomials });
    }
    return grids.get(steps);
  };
})();

/** Solution today of dY/dln x = -rate (Y^2 - Y_eq^2) from steps over 2 stride nodes. */
function evolve(x, rate, level, stride) {
  let value = level[0];
  for (let i = stride; i < x.length; i += 2 * stride) {
    const step = Math.log(x[i + stride] / x[i - stride]);
    const pull = Math.tanh(step * rate[i] * level[i]) / level[i];
    value = (value + level[i] ** 2 * pull) / (1 + value * pull);
  }
  return value / (1 + value * rate[rate.length - 1]);
}

/** Omega h^2 for <sigma v> (GeV^-2) and (n_phi + n_chi)/n_chi at each x of a grid. */
function omegaOf(tables, mChi, grid, sigmaV, dilution) {
  const c = tables.constants, { log_T, rate: rates, entropy } = tables.plasma;
  const rate = [], level = [];
  for (let i = 0; i < grid.x.length; i++) {
    const temperature = mChi / grid.x[i], log = Math.log(temperature);
    rate.push(temperature * linear(log, log_T, rates) * sigmaV[i]);
    const yields = grid.x[i] ** 3 * grid.chi[i] * Math.exp(-grid.x[i]) / linear(log, log_T, entropy);
    level.push(Math.max(yields * dilution[i], TINY));
  }
  const today = (4 * evolve(grid.x, rate, level, 1) - evolve(grid.x, rate, level, 2)) / 3;
  return mChi * today * c.ENTROPY_TODAY_PER_CM3 / c.CRITICAL_DENSITY_GEV_PER_CM3;
}

/** Means of 1/(1 + width c) and of its square over -1 < c < 1, minus 1. */
function logMeans(width) {
  const sq = width * width;
  return [sq < 1e-3 ? sq * (1 / 3 + sq * (0.2 + sq / 7)) : Math.atanh(width) / width - 1, sq / (1 - sq)];
}

/** S of chi chibar -> N_1 Nbar_2. */
function chiPairAmplitude(energy, mPhi, m1, m2) {
  const momenta = 4 * twoBodyMomentum(energy, 1, 1) * twoBodyMomentum(energy, m1, m2);
  const first = 1 + m1 * m1 - mPhi * mPhi, second = 1 + m2 * m2 - mPhi * mPhi;
  const along1 = 0.5 * (energy ** 2 + m1 ** 2 - m2 ** 2), along2 = 0.5 * (energy ** 2 + m2 ** 2 - m1 ** 2);
  const virtuality = mPhi ** 2 - 1 + 0.5 * (energy ** 2 - m1 ** 2 - m2 ** 2);
  const [once, twice] = logMeans(Math.min(0.5 * momenta / virtuality, 1 - 1e-9));
  const mean = along1 * along2 / virtuality ** 2 + (first + second) / virtuality * once;
  return momenta * (mean + first * second / virtuality ** 2 * twice);
}

/** S of phi phi* -> N_1 Nbar_2; an exchanged chi near its mass shell is a real one. */
function phiPairAmplitude(energy, mPhi, m1, m2) {
  const momenta = 4 * twoBodyMomentum(energy, mPhi, mPhi) * twoBodyMomentum(energy, m1, m2);
  const first = mPhi ** 2 - 1 - m1 ** 2, second = mPhi ** 2 - 1 - m2 ** 2, inner = energy ** 2 - m1 ** 2 - m2 ** 2;
  const virtuality = Math.max(1 - mPhi ** 2 + 0.5 * inner, 0.1);
  const [once, twice] = logMeans(Math.min(0.5 * momenta / virtuality, 1 - 0.05 / virtuality));
  let mean = ((virtuality - 1) * inner - (virtuality + first) * (virtuality + second)) / virtuality ** 2;
  mean += (inner - first - second) / virtuality * once - (inner + first * second) / virtuality ** 2 * twice;
  return momenta * Math.max(mean, 0);
}

/** Chebyshev coefficients in ln x of ln(gamma/m_chi^4 exp(2 x)) but for the Boltzmann factor of the threshold. */
function densityCoefficients(amplitude, threshold) {
  const { above, nodes, boltzmann } = DENSITY_RULE;
  const values = above.map((energy) => amplitude(threshold + energy) * energy * LOG_STEP * Math.sqrt(0.5 * Math.PI));
  const logs = nodes.map((x, k) => {
    let sum = 0;
    for (let i = 0; i < above.length; i++) {
      const z = x * (threshold + above[i]), root = Math.sqrt(1 + 1 / z);
      sum += boltzmann[k][i] * Math.sqrt(root * Math.sqrt(root) / z) * values[i];
    }
    return Math.log(sum / x + TINY);
  });
  return Array.from({ length: CHEBYSHEV }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < CHEBYSHEV; k++) sum += logs[k] * Math.cos(j * Math.PI * (k + 0.5) / CHEBYSHEV);
    return (j === 0 ? 1 : 2) / CHEBYSHEV * sum;
  });
}

/** ln(gamma/m_chi^4 exp(2 x)) at each x of a grid. */
function logDensities(amplitude, threshold, grid) {
  const coefficients = densityCoefficients(amplitude, threshold);
  return grid.x.map((x, i) => {
    let sum = 0;
    for (let j = 0; j < CHEBYSHEV; j++) sum += coefficients[j] * grid.polynomials[i][j];
    return sum - x * (threshold - 2) - Math.log(256 * Math.PI ** 5);
  });
}

/** Chi chibar or phi phi* to neutrinos, `number` of them nu4: its threshold, log coupling, densities and rough share. */
function pairChannel(amplitude, mass, number) {
  const threshold = (q) => Math.max(2 * mass(q), number * q.m4);
  const logCoupling = (q) => Math.log([1, 2, 1][number] * q.light ** (2 - number) * q.heavy ** number + TINY);
  return {
    densities: (q, grid) => {
      const m1 = number > 0 ? q.m4 : 0, m2 = number > 1 ? q.m4 : 0, coupling = logCoupling(q);
      return logDensities((energy) => amplitude(energy, q.m_phi, m1, m2), threshold(q), grid).map((d) => d + coupling);
    },
    share: (q, x) =>
      Math.log(30) + logCoupling(q) - Math.log(32 * Math.PI * (1 + q.m_phi ** 2) ** 2 * q.toLight) - x * (threshold(q) - 2),
  };
}

/** Mean of (1 - y)^2 (1 + 2 y) over a Breit-Wigner distribution of y = q^2/m^2 < 1. */
function bosonFactor(m, boson, width) {
  const near = Math.max(m, 0.15 * boson), pole = [boson ** 2 / near ** 2, -boson * width / near ** 2];
  const tail = add(scaled(pole, 2), [-3, 0]), sq = times(pole, pole);
  const polynomial = add([1, 0], times(sq, tail));
  const rest = add(add([2 / 3, 0], scaled(tail, 0.5)), times(pole, tail));
  const logs = add(complexLog(add([1, 0], scaled(pole, -1))), scaled(complexLog(scaled(pole, -1)), -1));
  return -add(times(polynomial, logs), rest)[1] / Math.PI * (m / near) ** 2;
}

/** Weak width (GeV) of a neutrino of a mass in GeV for |U|^2 = 1, all fermions massless. */
function masslessWeakWidth(c, m) {
  const vectors = bosonFactor(m, c.M_W, c.GAMMA_W) + 0.5 * bosonFactor(m, c.M_Z, c.GAMMA_Z);
  const higgs = 0.5 * Math.max(1 - (c.M_H / m) ** 2, 0) ** 2;
  return c.G_F * m ** 3 / (8 * Math.PI * Math.SQRT2) * (vectors + higgs);
}

function largestWeakWidth(c, m) {
  const strength = c.G_F * m * m;
  return 0.06 * strength * Math.min(strength / (c.G_F * c.M_W ** 2), 1);
}

/** E Gamma of a virtual nu4 and the smoothing of its pole. */
function smoothing(q, energy, weak) {
  const momentum = twoBodyMomentum(energy, 1, q.m_phi);
  const running = q.yL ** 2 * (1 + (1 - q.m_phi ** 2) / energy ** 2) * momentum / (16 * Math.PI * energy);
  const width = 2 / Math.sqrt(Math.PI) * ((1 - q.s2) * energy ** 2 * running + energy * q.s2 * weak);
  const beyond = 0.4 * Math.max(q.m4 ** 2 - (1 + q.m_phi) ** 2, 0);
  return [width, Math.max(width, 0.05 * q.m4 ** 2, beyond)];
}

/** Chi phi* and chibar phi to weak bosons. */
function weakChannel(c) {
  const amplitude = (q) => (energy) => {
    const weak = masslessWeakWidth(c, energy * q.m_chi) / q.m_chi, smooth = smoothing(q, energy, weak)[1];
    const distance = energy ** 2 - q.m4 ** 2;
    const propagator = distance === 0 ? 1 / smooth ** 2 : -Math.expm1(-((distance / smooth) ** 2)) / distance ** 2;
    const along = 0.5 * (energy ** 2 + 1 - q.m_phi ** 2), mixing = q.yL ** 2 * q.s2 * (1 - q.s2);
    return 64 * Math.PI * mixing * twoBodyMomentum(energy, 1, q.m_phi) * along * q.m4 ** 4 / energy ** 2 * propagator * weak;
  };
  const onPole = (q, x) => {
    const weak = masslessWeakWidth(c, q.m4 * q.m_chi) / q.m_chi, [width, smooth] = smoothing(q, q.m4, weak);
    const threshold = 1 + q.m_phi, lacking = Math.max(0.1 - (1 - threshold / q.m4), 0);
    const share = q.s2 * weak * Math.exp(-0.5 * (lacking / 0.03) ** 2) * (1 - width / smooth);
    const mass = Math.max(q.m4, threshold);
    const bessel = Math.sqrt(0.5 * Math.PI / (x * mass)) * (1 + 1 / (x * mass)) ** 0.375;
    return Math.log(mass ** 2 * bessel / (x * Math.PI ** 2) * share + TINY) - x * (mass - 2);
  };
  const logSum = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  return {
    densities: (q, grid) =>
      logDensities(amplitude(q), 1 + q.m_phi, grid).map((away, i) => Math.log(2) + logSum(away, onPole(q, grid.x[i]))),
    share: (q, x) => {
      const threshold = 1 + q.m_phi, away = q.m4 ** 2 / Math.max(Math.abs(threshold ** 2 - q.m4 ** 2), 0.05 * q.m4 ** 2);
      const least = Math.max(q.m4, threshold);
      const contact = 10 * largestWeakWidth(c, (threshold + 4 / x) * q.m_chi) * away ** 2 * Math.exp(-x * (threshold - 2));
      const pole = 1e5 * largestWeakWidth(c, least * q.m_chi) * Math.exp(-x * (least - 2));
      return Math.log(q.light * (contact + pole) / (32 * Math.PI * q.toLight) + TINY);
    },
  };
}

const PAIR_CHANNELS = [
  ...[1, 2].map((number) => pairChannel(chiPairAmplitude, () => 1, number)),
  ...[0, 1, 2].map((number) => pairChannel(phiPairAmplitude, (q) => q.m_phi, number)),
];

/** <sigma v> (GeV^-2) that Z exchange adds to chi chibar -> nu nubar at x: its square and the interference. */
function thermalZ(tables, aZ, mChi, mPhi, light, x) {
  const c = tables.constants, { gauge, fermions } = zStrength(tables);
  const pole = [x * (c.M_Z ** 2 / (4 * mChi ** 2) - 1), x * c.M_Z * c.GAMMA_Z / (4 * mChi ** 2)];
  const zeta = complexRoot(pole), product = times(zeta, faddeeva(zeta)), factor = 2 * Math.sqrt(Math.PI);
  const mean = [2 - factor * product[1], factor * product[0]]; // 2 + 2 i sqrt(pi) zeta w
  const square = x / (4 * mChi ** 2) * mean[1] / (c.M_Z * c.GAMMA_Z), real = -x / (4 * mChi ** 2) * mean[0];
  const vector = aZ * gauge, tree = 0.5 * light / (mPhi ** 2 + mChi ** 2);
  return mChi ** 2 / Math.PI * (vector ** 2 * fermions * square + 0.5 * tree * vector * real);
}

/** x at which chi freezes out, for a constant sigma v (GeV^-2). */
function freezeOutX(c, mChi, sigmaV) {
  const strength = Math.log(0.04 * CHI_STATES * mChi * c.M_PLANCK * sigmaV / 6);
  let x = Math.max(strength, 3);
  for (let n = 0; n < 3; n++) x = Math.max(strength - 0.5 * Math.log(x), 1);
  return x;
}

/** (n_phi + n_phi*)/(n_chi + n_chibar) in equilibrium. */
function phiOverChi(mPhi, x) {
  const ratio = (1 + 1 / (x * mPhi)) / (1 + 1 / x);
  return 2 / CHI_STATES * mPhi ** 1.5 * ratio ** 1.875 * Math.exp(-x * (mPhi - 1));
}

/** Omega h^2 of chi and chibar; null for m_chi outside the range of the plasma. */
function relicDensity(tables, p, aZ) {
  const c = tables.constants, [lowest, highest] = tables.relic.m_chi_range_GeV;
  if (p.m_chi < lowest || p.m_chi > highest) return null;
  const q = { m_chi: p.m_chi, m_phi: p.m_phi / p.m_chi, m4: p.m4 / p.m_chi, yL: p.yL, s2: p.s2 };
  const natural = tables.relic.sigma_v_range.map((value) => value / tables.constants.GEV_M2_TO_CM3_PER_S);
  q.light = p.yL ** 2 * p.s2;
  q.heavy = p.yL ** 2 * (1 - p.s2);
  q.toLight = Math.max(q.light ** 2 / (32 * Math.PI * (1 + q.m_phi ** 2) ** 2), natural[0] * q.m_chi ** 2);
  const sigmaV = q.toLight / q.m_chi ** 2, x = 0.75 * freezeOutX(c, q.m_chi, sigmaV);
  const channels = [...PAIR_CHANNELS, weakChannel(c)].filter((channel) => channel.share(q, x) > NEGLIGIBLE);
  const fromZ = (at) => thermalZ(tables, aZ, p.m_chi, p.m_phi, q.light, at) * p.m_chi ** 2;
  const z = p.m_chi > 3 && Math.max(...[0.7, 1, 1.3].map((f) => Math.abs(fromZ(f * x)))) > 1e-3 * q.toLight;
  if (!channels.length && !z && phiOverChi(q.m_phi, x) <= 1e-3) {
    const grid = freezeOutGrid(128), constant = Math.min(Math.max(sigmaV, natural[0]), natural[1]);
    return omegaOf(tables, p.m_chi, grid, grid.x.map(() => constant), grid.x.map(() => 1));
  }
  const grid = freezeOutGrid(FULL_STEPS), total = grid.x.map((at) => q.toLight + (z ? fromZ(at) : 0));
  for (const channel of channels)
    channel.densities(q, grid).forEach((log, i) => { total[i] += Math.exp(log - 2 * Math.log(0.5 * grid.chi[i])); });
  const dilution = grid.x.map((at) => 1 + phiOverChi(q.m_phi, at));
  return omegaOf(tables, p.m_chi, grid, total.map((s, i) => s / (p.m_chi * dilution[i]) ** 2), dilution);
}
