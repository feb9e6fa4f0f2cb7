// Decays of mesons, taus, muons, W, Z and h to nu4 or, through an on-shell or off-shell nu4, to chi phi: rates relative
// to the Standard Model. Formulas and references: mesons.decays.{three_body_decay, peak_nodes, dark_ratios, ratios,
// boson_decays, spectral_weight, semileptonic}.
//
// A point p holds m_chi, m_phi, m4, yL, s2 = |U|^2 of its flavour, Usq(flavour), and, once known: visible, width, pole,
// weight. A channel holds M (mass of the parent), m (of the charged particle), flavour, recoil(v, qSq) = rate with a
// neutrino of mass Q over that with a massless one (v = Q^2_max - Q^2), nu4(m4) = the same for nu4, share(p), light(p).

const PEAK_NODES = 64, PEAK_E_FOLDS = 11, PEAK_STRETCH = 2, PEAK_NARROWEST = 1e-3;

/** Point of the Q^2 range: distances from its two ends and from the pole, GeV^2. */
const offsets = (above, below, fromPole) => ({ above, below, fromPole });

/** Kinematics of PARENT -> l chi phi. */
function darkDecay(p, M, m, Usq) {
  const poleAbove = massLeft(p.m4, p.m_chi, p.m_phi) * (p.m4 + p.m_chi + p.m_phi);
  const release = massLeft(M, m, p.m_chi, p.m_phi);
  return {
    p, M, m, Usq, release, poleAbove,
    poleBelow: massLeft(M, m, p.m4) * (M - m + p.m4),
    range: release * (M - m + p.m_chi + p.m_phi),
    poleWidth: p.m4 ** 2 * (1 - p.s2) * runningWidth(Math.max(poleAbove, 0), p.m_chi, p.m_phi, p.yL),
  };
}

/** Q^2 that belongs to a momentum of the charged particle. */
function atMomentum(decay, momentum) {
  const kinetic = momentum ** 2 / (Math.hypot(momentum, decay.m) + decay.m), below = 2 * decay.M * kinetic;
  return offsets(decay.range - below, below, decay.poleBelow - below);
}

/** Density of nu4* -> chi phi in Q^2, GeV^-2. */
function spectralDensity(decay, above, below, fromPole) {
  if (!(above > 0 && below > 0)) return 0;
  const { p } = decay, m4Sq = p.m4 * p.m4;
  const gamma = runningWidth(above, p.m_chi, p.m_phi, p.yL);
  const qSq = (p.m_chi + p.m_phi) ** 2 + above;
  const width = gamma * (qSq - p.s2 * m4Sq) / m4Sq, distance = fromPole / m4Sq;
  const denominator = distance * distance + width * width;
  return denominator > 0 ? decay.Usq * (1 - p.s2) * gamma / (Math.PI * qSq * denominator) : 0;
}

/** Call visit(above, below, fromPole, weight) at nodes of an integral over Q^2 between two points, a peak of any width. */
function visitNodes(decay, low, high, visit) {
  const length = low.below - high.below, scale = low.above + (decay.p.m_chi + decay.p.m_phi) ** 2;
  const above = -low.fromPole, below = high.fromPole, inside = above > 0 && below > 0;
  const poleWidth = decay.poleWidth;
  const broadened = inside ? Math.max(poleWidth, PEAK_NARROWEST * Math.min(above, below)) : poleWidth;
  let fromLow = Math.hypot(above, broadened), fromHigh = Math.hypot(below, broadened);
  const nearest = broadened > 0 ? 0 : 1e-18 * (fromLow + fromHigh);
  fromLow = Math.max(fromLow, nearest);
  fromHigh = Math.max(fromHigh, nearest);
  const ratio = fromLow / fromHigh, centre = Math.log(ratio);
  const spread = broadened > 0 ? Math.atan2(broadened, above) + Math.atan2(broadened, below) : Math.PI;
  const strength = Math.min(spread, PEAK_STRETCH) / PEAK_STRETCH;
  const numerator = inside
    ? broadened ** 2 * (below ** 2 - above ** 2) / (fromLow * below + above * fromHigh)
    : fromLow * below - above * fromHigh;
  const offset = numerator / (fromLow + fromHigh);
  const edge = Math.log(Math.min(scale / length, 1));
  const first = Math.min(edge, centre, 0) - PEAK_E_FOLDS, last = Math.max(centre, 0) + PEAK_E_FOLDS;
  const start = Math.asinh(Math.sinh((first - centre) / PEAK_STRETCH) / strength);
  const stop = Math.asinh(Math.sinh((last - centre) / PEAK_STRETCH) / strength);
  const step = (stop - start) / (PEAK_NODES - 1);
  for (let i = 0; i < PEAK_NODES; i++) {
    const sinh = Math.sinh(start + step * i), argument = strength * sinh;
    const fromCentre = PEAK_STRETCH * Math.asinh(argument);
    const slope = PEAK_STRETCH * strength * Math.sqrt((1 + sinh * sinh) / (1 + argument * argument));
    const tau = ratio * Math.exp(fromCentre), shareAbove = tau / (1 + tau), shareBelow = 1 / (1 + tau);
    const fromPole = length * shareBelow * ratio / (1 + ratio) * Math.expm1(fromCentre) + offset;
    const lorentz = broadened > poleWidth ? (fromPole ** 2 + poleWidth ** 2) / (fromPole ** 2 + broadened ** 2) : 1;
    const weight = step * slope * length * shareAbove * shareBelow * lorentz;
    visit(low.above + length * shareAbove, high.below + length * shareBelow, fromPole, weight);
  }
  if (broadened > poleWidth) {
    const lacking = Math.PI * poleWidth * (1 - poleWidth / broadened);
    visit(low.above - low.fromPole, high.below + high.fromPole, 0, lacking);
  }
}

/** Integral of the density times recoil(v, qSq), over all Q^2 or a window [low, high] of the momentum. */
function densityIntegral(decay, recoil, window) {
  let low = offsets(0, decay.range, -decay.poleAbove), high = offsets(decay.range, 0, decay.poleBelow);
  if (window) {
    if (!(decay.range > atMomentum(decay, window[0]).below)) return 0;
    const bottom = atMomentum(decay, window[1]);
    if (bottom.above > 0) low = bottom;
    if (window[0] > 0) high = atMomentum(decay, window[0]);
  }
  let sum = 0;
  const least = (decay.p.m_chi + decay.p.m_phi) ** 2;
  visitNodes(decay, low, high, (above, below, fromPole, weight) => {
    const density = spectralDensity(decay, above, below, fromPole);
    if (density > 0) sum += weight * density * recoil(below, least + above);
  });
  return sum;
}

/** Rate to chi phi over the Standard Model, nu4 on shell included. */
function darkRatio(channel, p, window) {
  const share = channel.share(p), decay = darkDecay(p, channel.M, channel.m, share);
  if (!(decay.release > 0 && share > 0 && p.yL > 0)) return 0;
  return densityIntegral(decay, channel.recoil, window);
}

const turnsDark = (p) => p.m4 > p.m_chi + p.m_phi;

/** Rate of decays with nu4 or chi phi; a nu4 that is seen leaves the sample unless the rate is inclusive. */
function nu4Rates(channel, p, dark, window, inclusive) {
  const kept = p.pole * (inclusive ? 1 : 1 - p.seen(channel.M)), produced = p.m4 < channel.M - channel.m;
  if (produced && turnsDark(p)) return kept * dark;
  if (!produced) return dark;
  if (window) {
    const momentum = twoBodyMomentum(channel.M, channel.m, p.m4);
    if (momentum < window[0] || momentum > window[1]) return dark;
  }
  return channel.rate(p, kept) + dark;
}

/** Rate to the charged particle and anything unseen over the Standard Model; momenta above a smallest one. */
function rateFactor(channel, p, minMomentum = 0, inclusive = false) {
  return p.remember(`${channel.name} ${minMomentum} ${inclusive}`, () => {
    const window = minMomentum > 0 ? [minMomentum, channel.M] : null;
    return channel.light(p) + nu4Rates(channel, p, darkRatio(channel, p, window), window, inclusive);
  });
}

const single = (channel) => ({
  share: (p) => p.Usq(channel.flavour),
  light: (p) => 1 - p.lost(channel.flavour),
  rate: (p, kept) => kept * p.Usq(channel.flavour) * channel.nu4(p.m4),
  ...channel,
});

function mesonChannel(name, M, m, flavour) {
  const x = (m / M) ** 2, unit = x * (1 - x) ** 2;
  const recoil = (v, qSq) => {
    const q = qSq / M ** 2;
    return Math.sqrt(v * (v + 4 * M * m)) / M ** 2 * (q + x - (q - x) ** 2) / unit;
  };
  return single({ name, M, m, flavour, recoil, nu4: (m4) => mesonRatio(M, m, m4) });
}

function tauHadronChannel(name, M, m) {
  const x = (m / M) ** 2;
  const recoil = (v, qSq) => {
    const y = qSq / M ** 2;
    return ((1 - y) ** 2 - x * (1 + y)) * Math.sqrt(v * (v + 4 * M * m)) / M ** 2 / (1 - x) ** 2;
  };
  return single({ name, M, m, flavour: "tau", recoil, nu4: (m4) => tauHadronRatio(M, m, m4) });
}

/** L -> l nu nu: nu4 may come from either vertex; the table holds the logarithms of Q^2_max - Q^2 and of the rate. */
function leptonChannel(name, M, m, parent, lepton, table) {
  const massless = threeLeptonFunction(0, m / M, 0), space = (a, b) => threeLeptonFunction(a / M, m / M, b / M) / massless;
  const share = (p) => p.Usq(parent) * (1 - p.lost(lepton)) + p.Usq(lepton) * (1 - p.lost(parent));
  const recoil = (v) => Math.exp(linear(Math.log(v), table.log_below, table.log_ratio));
  const rate = (p, kept) => {
    const two = p.Usq(parent) * p.Usq(lepton), pair = two > 0 ? kept ** 2 * two * space(p.m4, p.m4) : 0;
    return kept * share(p) * space(p.m4, 0) + pair;
  };
  return { name, M, m, flavour: parent, recoil, share, rate, light: (p) => (1 - p.lost(parent)) * (1 - p.lost(lepton)) };
}

/** K+ -> pi0 l nu, M the mass less that of the pi0; the table holds the rate against the mass of the neutrino. */
function semileptonicChannel(name, M, m, flavour, table) {
  const nu4 = (mass) => (mass < M - m ? linear(mass, table.mass_GeV, table.ratio) : 0);
  return single({ name, M, m, flavour, recoil: (v, qSq) => nu4(Math.sqrt(qSq)), nu4 });
}

/** W+ -> l nu, or Z or h to nu and anything with the sum over flavours. */
function bosonChannel(name, M, flavour, higgs = false) {
  const factor = (q) => (1 - q) ** 2 * (higgs ? q : 1 + 0.5 * q);
  const channel = single({
    name, M, m: 0, flavour, recoil: (v, qSq) => factor(qSq / M ** 2), nu4: (m4) => factor(Math.min((m4 / M) ** 2, 1)),
  });
  if (flavour !== null) return channel;
  return { ...channel, share: (p) => p.s2, rate: (p, kept) => kept * p.s2 * channel.nu4(p.m4) };
}

/** Rate of a boson to one nu4 that is not seen, or to chi phi through it. */
const bosonRate = (channel, p) => p.remember(channel.name, () => nu4Rates(channel, p, darkRatio(channel, p), null, false));

/** All channels of the constraints by name. */
function decayChannels(tables) {
  const c = tables.constants, mass = { e: c.M_E, mu: c.M_MU, tau: c.M_TAU };
  const channels = {};
  const put = (channel) => { channels[channel.name] = channel; };
  for (const [parent, M] of [["pi+", c.M_PI], ["K+", c.M_K], ["B+", c.M_B]])
    for (const l of ["e", "mu", "tau"]) if (M > mass[l]) put(mesonChannel(`${parent} ${l}`, M, mass[l], l));
  put(tauHadronChannel("tau- pi", c.M_TAU, c.M_PI));
  for (const [parent, of, l] of [["tau-", "tau", "e"], ["tau-", "tau", "mu"], ["mu-", "mu", "e"]])
    put(leptonChannel(`${parent} ${l}`, mass[of], mass[l], of, l, tables.leptonic[`${parent} ${l}`]));
  for (const l of ["e", "mu"])
    put(semileptonicChannel(`Kl3 ${l}`, c.M_K - c.M_PI0, mass[l], l, tables.semileptonic[l]));
  for (const l of ["e", "mu", "tau"]) put(bosonChannel(`W+ ${l}`, c.M_W, l));
  put(bosonChannel("Z nu", c.M_Z, null));
  put(bosonChannel("h nu", c.M_H, null, true));
  return channels;
}

/** Residue of nu4, and all that the light neutrinos miss per |U_l4|^2 (at least 1). */
function poleAndWeight(p) {
  const largest = 100 * Math.max(p.m4, p.m_chi + p.m_phi);
  const continuum = densityIntegral(darkDecay(p, largest, 0, 1), () => 1, null);
  const pole = poleResidue(p);
  return { pole, weight: Math.max(continuum + (turnsDark(p) ? 0 : pole), 1) };
}

/** Rate of M -> l chi phi in a window of the invisible mass around m4, over that of M -> l nu4 if narrow; NaN if closed. */
function fractionInWindow(channel, p, halfWidth) {
  const { M, m } = channel;
  if (!(p.m4 < M - m && p.Usq(channel.flavour) > 0)) return NaN;
  const low = twoBodyMomentum(M, m, p.m4 + halfWidth), high = twoBodyMomentum(M, m, Math.max(p.m4 - halfWidth, 0));
  return darkRatio(channel, p, [low, high]) / (p.Usq(channel.flavour) * channel.nu4(p.m4));
}
