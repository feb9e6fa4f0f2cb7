// Every constraint at a point, what they do not cover, and the verdict, as `nuportal check` gives it.
// See nuportal.constraints.{constraint, published} and nuportal.verdicts.{judgement, gaps, verdict}.

const VISIBLE_BRANCHING = 1e-3, BROAD = 0.05, DETECTOR_M = 10, PERTURBATIVE = 4 * Math.PI;

const NOTHING_LEFT = "the chi-phi loop leaves nothing of the light neutrinos: no such |U_l4|^2 exists";

/** Point with what the formulas want of it; widths and residues come with `completePoint`. */
function makePoint(tables, given) {
  const { flavour, m_chi, m_phi, m4, yL, U_sq } = given, memory = new Map();
  return {
    flavour, m_chi, m_phi, m4, yL, s2: U_sq, visible: 0, width: 0, pole: 1, weight: 1,
    Usq(l) { return l === flavour ? U_sq : 0; },
    lost(l) { return this.Usq(l) * this.weight; },
    /** Share of the nu4 from a parent at rest that decay visibly in a detector of 10 m. */
    seen(M) {
      if (!(this.visible > 0)) return 0;
      const momentum = Math.max(M * M - m4 * m4, 0) / (2 * M);
      return this.visible * -Math.expm1(-DETECTOR_M * m4 * this.width / (momentum * tables.constants.HBARC_GEV_M));
    },
    remember(name, compute) {
      if (!memory.has(name)) memory.set(name, compute());
      return memory.get(name);
    },
  };
}

/** Value of a card without a formula at a mass; NaN where there is none. */
function cardValue(card, mass) {
  const [low, high] = card.mass_range_GeV;
  if (mass < low * (1 - 1e-9) || mass > high * (1 + 1e-9)) return NaN;
  const { mass_GeV: masses, value } = card.points;
  return logLog(Math.min(Math.max(mass, masses[0]), masses[masses.length - 1]), masses, value) ?? NaN;
}

function whyNot(card, mass) {
  const [low, high] = card.mass_range_GeV;
  if (mass < low || mass > high)
    return `${card.mass} = ${general(mass)} GeV is outside the range ${general(low)} to ${general(high)} GeV`;
  return `the measurement gives no limit at ${card.mass} = ${general(mass)} GeV`;
}

/** Compare a constraint on the mixing with a point. */
function evaluateMixing(engine, card, p, convention) {
  const { tables, channels } = engine;
  let found;
  if (!card.formula) {
    const [flavour] = card.flavours, mixing = p.Usq(flavour), limit = mixing > 0 ? cardValue(card, p.m4) : NaN;
    const silent = () => (mixing === 0 ? `no mixing with ${flavour}` : whyNot(card, p.m4));
    found = upperLimit(`|U_${flavour}4|^2`, mixing, limit, silent);
  } else {
    const numbers = convention === "refined" ? { ...card.formula.numbers, ...card.formula.refined } : card.formula.numbers;
    const formula = FORMULAS[card.formula.name] ?? flavourViolation(card.formula.name);
    found = formula(p, numbers, channels, tables);
    if (Number.isNaN(p.weight)) found = { ...found, silent: () => NOTHING_LEFT };
    const [low, high] = card.mass_range_GeV;
    if (p.m4 < low || p.m4 > high) found = without(found, () => whyNot(card, p.m4));
  }
  if (!card.points && !card.narrow) return found;
  found = whereHeard(engine, card, p, found);
  return card.narrow && convention === "refined" ? ofPeak(engine, card, p, found) : found;
}

/** Take a search for nu4 away where nu4 decays to what it does not look for. */
function whereHeard(engine, card, p, found) {
  const parent = card.peak_parent ?? (card.flavours[0] === "tau" ? "tau-" : "pi+"), seen = p.seen(engine.tables.masses[parent]);
  const invisible = seen < VISIBLE_BRANCHING;
  if (invisible ? card.applies_to_invisible : card.applies_to_visible) return found;
  const how = invisible ? "invisibly" : "visibly";
  return without(found, () => `nu4 decays ${how} (visible share ${general(seen, 3)}); ${card.reason}`);
}

/** Weaken a search for a narrow nu4 by the share of a broad one that it sees, or take it away. */
function ofPeak(engine, card, p, found) {
  if (!card.peak_parent)
    return p.width > BROAD * p.m4 ? without(found, () => `nu4 is broad: width ${general(p.width / p.m4, 2)} m4`) : found;
  const share = fractionInWindow(engine.channels[`${card.peak_parent} ${card.flavours[0]}`], p, card.peak_half_width_GeV);
  return weakened(found, (Number.isNaN(share) ? 0 : share) + (turnsDark(p) ? 0 : p.pole));
}

/** What takes a limit on a neutrino line for equal flavours and an NFW halo to a flavour and a halo; NaN for none. */
function lineFactor(tables, card, flavour, halo) {
  const share = card.line.electron ? 1 / 3 / tables.electron_share[flavour] : 1;
  const density = card.line.all_sky ? tables.j_factor.nfw / tables.j_factor[halo] : halo === "nfw" ? 1 : NaN;
  return share * density;
}

/** All comparisons by id, with the confidence level of each. */
function compareAll(engine, p, options, derived) {
  const { tables } = engine, found = {}, levels = {}, omega = derived.omega, fraction = derived.share;
  for (const card of tables.cards) {
    if (!card.observed || !card.inputs.includes(options.inputs)) continue;
    levels[card.id] = card.confidence_level;
    if (card.quantity === "sigma_n_cm2") {
      const predicted = fraction * nucleonCrossSection(tables, derived.aZ, p.m_chi, card.nucleus);
      const silent = () => (options.inelastic ? "chi is split in mass" : whyNot(card, p.m_chi));
      const limit = options.inelastic ? NaN : cardValue(card, p.m_chi);
      found[card.id] = upperLimit("share of chi times cross section per nucleon (cm^2)", predicted, limit, silent);
    } else if (card.quantity === "sigma_v_cm3_per_s") {
      const observable = `share of chi squared times sigma v of chi chibar -> nu nubar (cm^3/s), halo ${options.halo}`;
      const limit = cardValue(card, p.m_chi) * lineFactor(tables, card, p.flavour, options.halo);
      found[card.id] = upperLimit(observable, fraction ** 2 * derived.sigmaV, limit, () => whyNot(card, p.m_chi));
    } else {
      found[card.id] = evaluateMixing(engine, card, p, options.convention);
    }
  }
  for (const bound of tables.bounds) {
    if (!bound.inputs.includes(options.inputs)) continue;
    levels[bound.id] = bound.confidence_level;
    const smallest = cutoffMass(tables, p.m_chi, derived.Y, options.convention);
    const predicted = { N_eff: derived.nEff, omega_h2: omega ?? NaN, M_cut_Msun: smallest };
    const silent = () => `${bound.quantity} is not known at this point`;
    found[bound.id] = upperLimit(bound.observable, predicted[bound.quantity], bound.limit, silent);
  }
  found.perturbativity = upperLimit("largest coupling", derived.largest, PERTURBATIVE);
  found.unitarity = upperLimit("sum |U_l4|^2 with the chi-phi loop", p.taken, 1);
  return { found: { ...found, ...gaps(engine, p, options.inputs, omega) }, levels };
}

/** Where the constraints do not reach: no margin inside a gap, an infinite one elsewhere. */
function gaps(engine, p, inputs, omega) {
  const { tables } = engine, lightest = tables.lightest_GeV[inputs], [low, high] = tables.relic.m_chi_range_GeV;
  const gap = (observable, value, inside, reason) => ({
    observables: [observable], prediction: [value], limit: [NaN], margin: inside ? NaN : Infinity,
    sense: "not a limit", deltaChi2: null, silent: () => reason,
  });
  const missed = tables.cards.some((card) =>
    card.quantity === "U_sq" && card.observed && card.inputs.includes(inputs) && card.narrow && !card.peak_parent
    && p.width > BROAD * p.m4 && p.Usq(card.flavours[0]) > cardValue(card, p.m4));
  return {
    "visible-nu4": gap("visible branching ratio of nu4", p.visible, p.visible >= VISIBLE_BRANCHING,
      `visible nu4 (visible branching ratio ${general(p.visible, 3)}): searches for it are outside this package`),
    "light-nu4": gap("m4 (GeV)", p.m4, p.m4 < lightest,
      `nu4 below ${(1e3 * lightest).toFixed(0)} MeV: what it does to N_eff and nucleosynthesis is not included`),
    "broad-nu4": gap("width of nu4 over its mass", p.width / p.m4, missed,
      `nu4 is broad (width ${general(p.width / p.m4, 2)} m4): a search for a narrow one would exclude it`),
    "right-handed-coupling": gap("yR", 0, false, ""),
    "abundance-not-computed": gap("m_chi (GeV)", p.m_chi, omega === null,
      `the relic abundance is computed for m_chi from ${general(low)} to ${general(high)} GeV only`),
  };
}

const GAPS = ["visible-nu4", "light-nu4", "broad-nu4", "right-handed-coupling", "abundance-not-computed"];

/** Why a point is not valid, or null. */
function whyInvalid(tables, point) {
  for (const name of ["m_chi", "m_phi", "m4", "yL", "U_sq"])
    if (!(Number.isFinite(point[name]) && point[name] > 0)) return `${name} must be positive and finite`;
  if (!(point.flavour in tables.electron_share)) return "flavour must be e, mu or tau";
  if (point.m_phi <= point.m_chi) return "m_phi must exceed m_chi (else phi is the dark matter)";
  if (point.U_sq >= 1) return "|U|^2 must be below 1";
  const [low, high] = [tables.weak.m4_GeV[0], tables.weak.m4_GeV[tables.weak.m4_GeV.length - 1]];
  if (point.m4 < low || point.m4 > high)
    return `m4 must lie between ${general(low)} and ${general(high)} GeV, the range of the table of weak widths`;
  return null;
}

/** Point with its widths and residue. */
function completePoint(engine, point) {
  const { tables } = engine, p = makePoint(tables, point), dark = widthDark(p);
  const { weak, visible } = weakWidths(tables, p, p.flavour), visibleShare = weak + dark > 0 ? visible / (weak + dark) : NaN;
  Object.assign(p, { width: weak + dark, visible: visibleShare || 0 });
  const { pole, weight } = poleAndWeight(p), taken = p.s2 * weight;
  Object.assign(p, { pole, taken, weight: taken > 1 ? NaN : weight }); // nothing is left of the light neutrinos
  return { p, dark, weak, visibleShare };
}

const orNull = (x) => (Number.isFinite(x) ? x : null);
const oneOrMany = (values) => (values.every(Number.isFinite) ? (values.length > 1 ? values : values[0]) : null);

/** Verdict of all constraints on a point, and all that follows from it; see `create`. */
function evaluate(engine, point, given) {
  const { tables } = engine, c = tables.constants;
  const options = { inputs: "latest", convention: "refined", inelastic: false, halo: "nfw", ...given };
  const reason = whyInvalid(tables, point);
  if (reason !== null) return { valid: false, reason, allowed: null, excluded_by: [], constraints: [], derived: null, greyed: {} };
  const { p, dark, weak, visibleShare } = completePoint(engine, point);
  const aZ = zCoupling(p), omega = relicDensity(tables, p, aZ), ratio = p.m_chi / p.m_phi, light = p.yL ** 2 * p.s2;
  const yukawa = Math.sqrt(p.s2) * p.m4 / c.VEV, largest = Math.max(p.yL, yukawa), Y = darkCoupling(light, ratio);
  const share = omega === null ? 1 : Math.min(omega / c.OMEGA_DM_H2, 1), unit = c.GEV_M2_TO_CM3_PER_S;
  const sigmaV = annihilation(p.m_chi, p.m_phi, light) * unit, nEff = effectiveNeutrinos(tables, p.m_chi, p.m_phi);
  const { found, levels } = compareAll(engine, p, options, { aZ, omega, share, sigmaV, nEff, Y, largest });

  const constraints = Object.entries(found).map(([id, one]) => {
    const applies = !Number.isNaN(one.margin);
    return {
      id,
      observable: one.observables.length > 1 ? one.observables : one.observables[0],
      prediction: oneOrMany(one.prediction),
      limit: oneOrMany(one.limit),
      margin: applies ? one.margin : null,
      sense: one.sense,
      confidence_level: levels[id] ?? null,
      delta_chi2: one.deltaChi2 === null || !applies ? null : one.deltaChi2,
      applies,
      reason: applies ? null : one.silent(),
    };
  });
  const size = (one) => (one.margin === null ? Infinity : one.margin);
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  constraints.sort((a, b) => order(!a.applies, !b.applies) || order(size(a), size(b)) || order(a.id, b.id));
  const excluded_by = constraints.filter((one) => one.margin !== null && one.margin < 1).map((one) => one.id);
  const inGap = GAPS.filter((id) => Number.isNaN(found[id].margin));
  const relic = relicSigmaV(tables, p.m_chi), thermal = couplingOfSigmaV(p.m_chi, ratio, c.SIGMA_V_THERMAL_CM3_PER_S / unit);
  return {
    valid: true,
    reason: null,
    allowed: excluded_by.length ? false : inGap.length ? null : true,
    undecided: excluded_by.length ? null : inGap.map((id) => found[id].silent()).join("; ") || null,
    excluded_by,
    constraints,
    joint_delta_chi2: constraints.reduce((sum, one) => sum + (one.delta_chi2 ?? 0), 0),
    derived: {
      UN4_sq: 1 - p.s2,
      yukawa,
      width_phi_GeV: widthPhi(p),
      width_nu4_dark_GeV: dark,
      width_nu4_weak_GeV: weak,
      br_nu4_visible: orNull(visibleShare),
      sigma_v_cm3_per_s: sigmaV,
      Y,
      Y_thermal: thermal,
      Y_over_thermal: Y / thermal,
      Y_relic: relic === null ? null : couplingOfSigmaV(p.m_chi, ratio, relic / unit),
      relic_abundance_omega_h2: omega,
      dark_matter_share: share,
      m_cut_Msun: cutoffMass(tables, p.m_chi, Y, "refined"),
      a_Z: aZ,
      sigma_n_cm2: nucleonCrossSection(tables, aZ, p.m_chi, "Xe"),
      sigma_v_Z_cm3_per_s: zExchange(tables, aZ, p.m_chi) * unit,
      inelastic_splitting_keV: 1e6 * 0.5 * tables.xenon_mass_GeV * p.m_chi / (tables.xenon_mass_GeV + p.m_chi) * c.MAX_HALO_SPEED ** 2,
      N_eff: nEff,
      ...higgsPortal(tables, p),
      fine_tuning: (p.yL * p.m4 / (4 * Math.PI * p.m_phi)) ** 2,
      perturbative: largest <= PERTURBATIVE,
    },
    greyed: omega === null ? { relic_abundance_omega_h2: found["abundance-not-computed"].silent() } : {},
  };
}
