// What each measured number or limit of the catalogue is at a point, and how far the point is from exclusion.
// Formulas and references: nuportal.constraints.{comparison, predictions, universality, dark_decays, published}.

const LIMIT_SENSE = "limit over prediction";
const DEVIATION_SENSE = "largest allowed over predicted deviation from the Standard Model";
const UNKNOWN = () => "the prediction is not known at this point";

/** Compare a prediction with an upper limit; NaN where there is none. */
function upperLimit(observable, prediction, limit, silent = UNKNOWN) {
  let margin = prediction > 0 ? limit / prediction : Number.isNaN(prediction) ? NaN : Infinity;
  if (Number.isNaN(limit)) margin = NaN;
  return { observables: [observable], prediction: [prediction], limit: [limit], margin, sense: LIMIT_SENSE, deltaChi2: null, silent };
}

/** Inverse of a symmetric matrix of one or two rows. */
function inverse(matrix) {
  if (matrix.length === 1) return [[1 / matrix[0][0]]];
  const [[a, b], [, d]] = matrix, det = a * d - b * b;
  return [[d / det, -b / det], [-b / det, a / det]];
}

/** Upper limit (two-sided 90%) on a quantity >= 0 that is estimated as d +- s. */
function boundedLimit(d, s) {
  const threshold = 2.706;
  return d >= 0 ? d + Math.sqrt(threshold) * s : d + Math.sqrt(d * d + threshold * s * s);
}

/** Compare predictions with measured numbers and their covariance; both relative to Standard Model values. */
function deviation(observables, prediction, standard, measured, covariance, silent = UNKNOWN) {
  const weight = inverse(covariance), range = prediction.map((_, i) => i);
  const shift = range.map((i) => prediction[i] - standard[i]), pull = range.map((i) => measured[i] - standard[i]);
  const weighted = range.map((i) => range.reduce((sum, j) => sum + weight[i][j] * shift[j], 0));
  const size = range.reduce((sum, i) => sum + shift[i] * weighted[i], 0);
  const overlap = range.reduce((sum, i) => sum + pull[i] * weighted[i], 0);
  let margin = size > 0 ? boundedLimit(overlap / size, 1 / Math.sqrt(size)) : Infinity;
  if (Number.isNaN(size)) margin = NaN;
  const limit = range.map((i) => (Number.isFinite(margin) ? standard[i] + margin * shift[i] : NaN));
  return { observables, prediction, limit, margin, sense: DEVIATION_SENSE, deltaChi2: size - 2 * overlap, silent };
}

/** Take the margin away for a reason. */
const without = (found, reason) =>
  Number.isNaN(found.margin) ? found : { ...found, margin: NaN, deltaChi2: found.deltaChi2 === null ? null : NaN, silent: reason };

/** Raise limit and margin where a search sees only a share of the prediction. */
const weakened = (found, seen) => ({ ...found, limit: found.limit.map((v) => v / seen), margin: found.margin / seen });

const outer = (spread, rho) => [
  [spread[0] ** 2, rho * spread[0] * spread[1]],
  [rho * spread[0] * spread[1], spread[1] ** 2],
];

const MICHEL_RULE = gaussLegendre(64);

/** Shift of the fitted Michel parameter rho per unit of |U_l4|^2 in a range of x = 2 E/m_mu. */
function michelResponse(m4, mMu, low, high) {
  const spectrum = (x, mass) => {
    const rest = Math.max(1 - x, 1e-300), w = Math.min((mass / mMu) ** 2 / rest, 1);
    return 2 * x * x * (1 - w) ** 2 * ((1 - w) * (1 - x) + (1 + 2 * w) * (2 - x));
  };
  const end = Math.min(Math.max(1 - (m4 / mMu) ** 2, low), high), cuts = [low, end, high];
  let a = 0, b = 0, d = 0, f = 0, g = 0;
  for (let k = 0; k < 2; k++) {
    const half = 0.5 * (cuts[k + 1] - cuts[k]);
    for (let i = 0; i < 64 && half > 0; i++) {
      const x = cuts[k] + half * (MICHEL_RULE.nodes[i] + 1), first = spectrum(x, 0), second = 8 / 3 * x * x * (4 * x - 3);
      const weight = half * MICHEL_RULE.weights[i] / first, change = spectrum(x, m4) - first;
      a += weight * first * first; b += weight * first * second; d += weight * second * second;
      f += weight * first * change; g += weight * second * change;
    }
  }
  return (a * g - b * f) / (a * d - b * b);
}

/** Total width of the muon over the Standard Model at fixed G_F. */
const muonRate = (p, channels) => rateFactor(channels["mu- e"], p, 0, true);
const wRate = (p, channels, l) => 1 - p.lost(l) + bosonRate(channels[`W+ ${l}`], p);

const BETA_ENDPOINT = 0.01;
const IN_BETA_DECAYS = () => "superallowed beta decays emit a nu4 this light, by how much is not computed";

function betaDecay(p, channels) {
  return p.m4 < BETA_ENDPOINT && p.Usq("e") > 0 ? NaN : (1 - p.lost("e")) / muonRate(p, channels);
}

function kaonSemileptonic(p, channels, electronShare) {
  const rate = (l) => rateFactor(channels[`Kl3 ${l}`], p);
  const muons = electronShare < 1 ? (1 - electronShare) * rate("mu") : 0;
  return (electronShare * rate("e") + muons) / muonRate(p, channels);
}

/** Fraction of the Standard Model spectrum of M -> l nu nu nubar in a momentum window. */
function standardFraction(M, m, low, high) {
  const end = (M * M - m * m) / (2 * M), x0 = (m / M) ** 2;
  const integral = (a, b) => {
    let sum = 0;
    for (let i = 0; i < 64; i++) {
      const p = 0.5 * (a + b) + 0.5 * (b - a) * MICHEL_RULE.nodes[i], energy = Math.hypot(p, m), x = 2 * energy / M;
      sum += 0.5 * (b - a) * MICHEL_RULE.weights[i] * p * p / energy * ((1 - x) * x + 2 * x0) * (1 + x0 - x);
    }
    return sum;
  };
  return integral(Math.min(Math.max(low, 0), end), Math.min(high, end)) / integral(0, end);
}

/** Predictions by the name of the formula: (p, n, channels, tables) with n the numbers of the card. */
const FORMULAS = {
  flat: (p, n) => upperLimit(`|U_${n.flavour}4|^2`, p.Usq(n.flavour), n.U_sq),

  "electroweak-fit": (p, n, channels) => {
    let weights = 0, mean = 0;
    for (const name of ["m_W", "sin2"]) {
      const response = n[`${name}_response`], spread = Math.hypot(n[`${name}_uncertainty`], n[`${name}_sm_uncertainty`]);
      const weight = (response / spread) ** 2;
      weights += weight;
      mean += weight * (n[name] - n[`${name}_sm`]) / response;
    }
    return deviation(["1 - Gamma(mu -> e nu nu)/SM"], [1 - muonRate(p, channels)], [0], [mean / weights], [[1 / weights]]);
  },

  "muon-decay-spectrum": (p, n, channels, tables) => {
    const mMu = tables.constants.M_MU, response = p.m4 < mMu ? michelResponse(p.m4, mMu, n.x_min, n.x_max) : 0;
    const predicted = 0.75 + response * (p.Usq("e") + p.Usq("mu"));
    return deviation(["Michel parameter rho"], [predicted], [0.75], [n.rho], [[n.rho_uncertainty ** 2]]);
  },

  "z-invisible": (p, n, channels, tables) => {
    const mZ = tables.constants.M_Z, unseen = 1 - p.seen(mZ), light = 1 - p.weight * p.s2;
    const one = bosonRate(channels["Z nu"], p) / p.s2, pair = zPairFactor((p.m4 / mZ) ** 2) * (p.weight * unseen) ** 2;
    let number = 2 + light ** 2 + 2 * p.s2 * light * one + p.s2 ** 2 * pair;
    if (n.absolute_width) number /= Math.sqrt(muonRate(p, channels));
    return deviation(["number of neutrinos"], [number], [3], [n.number], [[n.number_uncertainty ** 2]]);
  },

  "h-invisible": (p, n, channels, tables) => {
    const c = tables.constants, seen = p.seen(c.M_H), r = (p.m4 / c.M_H) ** 2, pair = higgsPairFactor(r);
    const one = bosonRate(channels["h nu"], p) / p.s2, unit = c.M_H ** 3 / (16 * Math.PI * c.VEV ** 2);
    const width = (single, double) => (p.s2 * (1 - p.s2) * single + p.s2 ** 2 * double) * unit;
    const unseen = width(one, pair * (1 - seen) ** 2), visible = r < 1 ? r * (1 - r) ** 2 * seen : 0;
    return upperLimit("BR(h -> invisible)", unseen / (width(one + visible, pair) + n.width_sm_GeV), n.branching_ratio);
  },

  "w-universality": (p, n, channels) => {
    const predicted = wRate(p, channels, n.numerator) / wRate(p, channels, n.denominator);
    const name = `Gamma(W -> ${n.numerator} nu)/Gamma(W -> ${n.denominator} nu) over the Standard Model`;
    return deviation([name], [predicted], [1], [n.ratio / n.ratio_sm], [[(n.ratio_uncertainty / n.ratio_sm) ** 2]]);
  },

  "w-universality-combined": (p, n, channels) => {
    const names = ["mu_over_e", "tau_over_e"], e = wRate(p, channels, "e");
    const measured = names.map((name) => n[name] / n[`${name}_sm`]);
    const spread = names.map((name) => n[`${name}_uncertainty`] / n[`${name}_sm`]);
    const predicted = ["mu", "tau"].map((l) => wRate(p, channels, l) / e);
    const labels = ["mu", "tau"].map((l) => `Gamma(W -> ${l} nu)/Gamma(W -> e nu) over the Standard Model`);
    return deviation(labels, predicted, [1, 1], measured, outer(spread, n.correlation));
  },

  "visible-nu4": (p, n, channels, tables) => {
    const c = tables.constants, one = p.s2 * (1 - p.s2) * vectorFactor((p.m4 / c.M_Z) ** 2);
    const predicted = c.BR_Z_INVISIBLE / 3 * one * p.pole * p.seen(c.M_Z);
    return upperLimit("BR(Z -> nu nu4, nu4 visible)", predicted, n.branching_ratio);
  },

  "leptonic-decay-of-b": (p, n, channels, tables) => {
    const c = tables.constants, channel = channels[`B+ ${n.flavour}`], x = (channel.m / c.M_B) ** 2;
    const helicity = x * (1 - x) ** 2 * channel.nu4(p.m4);
    const width = (c.G_F * n.f_B_GeV * n.V_ub) ** 2 * c.M_B ** 3 / (8 * Math.PI);
    const predicted = width * c.TAU_B / c.HBAR_GEV_S * helicity * p.Usq(n.flavour);
    return upperLimit(`BR(B+ -> ${n.flavour} nu4)`, predicted, n.branching_ratio);
  },

  "electron-muon-ratio": (p, n, channels) => {
    const e = channels[`${n.parent} e`], mu = channels[`${n.parent} mu`], below = n.detected_below_GeV;
    const lost = n.lost_above_GeV ?? e.M - e.m, cut = twoBodyMomentum(e.M, e.m, below);
    const muonCut = n.lost_above_GeV === undefined ? 0 : twoBodyMomentum(mu.M, mu.m, below);
    const unclear = p.m4 >= below && p.m4 < lost && (p.Usq("e") > 0 || (muonCut > 0 && p.Usq("mu") > 0));
    const predicted = unclear ? NaN : rateFactor(e, p, cut) / rateFactor(mu, p, muonCut);
    const r = n.ratio / n.ratio_sm;
    const s = r * Math.hypot(n.ratio_uncertainty / n.ratio, n.ratio_sm_uncertainty / n.ratio_sm);
    const name = `Gamma(${n.parent} -> e nu)/Gamma(${n.parent} -> mu nu) over the Standard Model`;
    return deviation([name], [predicted], [1], [r], [[s * s]], () => "whether leptons beside a nu4 this heavy count is unclear");
  },

  "tau-leptonic": (p, n, channels) => {
    const couplings = [n.g_tau_over_g_mu, n.g_tau_over_g_e], muon = muonRate(p, channels);
    const spread = ["g_tau_over_g_mu", "g_tau_over_g_e"].map((name) => 2 * n[name] * n[`${name}_uncertainty`]);
    const predicted = ["e", "mu"].map((l) => rateFactor(channels[`tau- ${l}`], p) / muon), names = ["(g_tau/g_mu)^2", "(g_tau/g_e)^2"];
    return deviation(names, predicted, [1, 1], couplings.map((g) => g * g), outer(spread, n.correlation));
  },

  "tau-pion": (p, n, channels) => {
    const g = n.g_tau_over_g_mu, spread = 2 * g * n.g_tau_over_g_mu_uncertainty;
    const predicted = rateFactor(channels["tau- pi"], p) / rateFactor(channels["pi+ mu"], p);
    return deviation(["(g_tau/g_mu)^2 from tau -> pi nu"], [predicted], [1], [g * g], [[spread * spread]]);
  },

  "ckm-unitarity": (p, n, channels) => {
    const { V_ud: ud, V_us: us, V_ub: ub } = n;
    const spread = Math.hypot(2 * ud * n.V_ud_uncertainty, 2 * us * n.V_us_uncertainty);
    const predicted = (1 - us * us) * (betaDecay(p, channels) - 1) + us * us * (kaonSemileptonic(p, channels, 1) - 1);
    const measured = ud * ud + us * us + ub * ub - 1;
    return deviation(["first-row sum - 1"], [predicted], [0], [measured], [[spread * spread]], IN_BETA_DECAYS);
  },

  "ckm-first-row": (p, n, channels) => {
    const { V_ud: ud, V_us_Kl3: us, V_us_over_V_ud: ratio, V_ub: ub } = n;
    const beta = betaDecay(p, channels), semileptonic = kaonSemileptonic(p, channels, n.Kl3_electron_weight);
    const leptonic = rateFactor(channels["K+ mu"], p) / rateFactor(channels["pi+ mu"], p);
    const first = (1 - us * us) * (beta - 1);
    const predicted = [first + us * us * (semileptonic - 1), first + us * us * (beta * leptonic - 1)];
    const measured = [ud * ud + us * us + ub * ub - 1, ud * ud * (1 + ratio * ratio) + ub * ub - 1];
    const rows = [[2 * ud, 2 * us, 0], [2 * ud * (1 + ratio * ratio), 0, 2 * ratio * ud * ud]];
    const spread = ["V_ud", "V_us_Kl3", "V_us_over_V_ud"].map((name) => n[`${name}_uncertainty`]);
    const covariance = rows.map((a) => rows.map((b) => a.reduce((sum, v, k) => sum + v * b[k] * spread[k] ** 2, 0)));
    const names = ["first-row sum - 1 (K_l3)", "first-row sum - 1 (K_l2)"];
    return deviation(names, predicted, [0, 0], measured, covariance, IN_BETA_DECAYS);
  },

  "rare-window": (p, n, channels, tables) => {
    const channel = channels[`${n.parent} ${n.lepton}`], window = [n.momentum_low_GeV, n.momentum_high_GeV];
    const inside = nu4Rates(channel, p, darkRatio(channel, p, window), window, false);
    const share = standardFraction(channel.M, channel.m, ...window);
    const predicted = tables.branching_ratios[channel.name] * inside / share;
    return upperLimit(`BR(${n.parent} -> ${n.lepton} + unseen) as one to three neutrinos`, predicted, n.branching_ratio);
  },
};

/** Charged-lepton flavour violation needs two mixings. */
const flavourViolation = (name) => (p, n) => upperLimit(`rate of ${name}`, 0, n.branching_ratio);
