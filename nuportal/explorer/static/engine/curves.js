// Curves of the two planes, as `nuportal figure 1` and `2` draw them. See nuportal.figures.{mixing, coupling}.

const LIMIT_STYLE = "limit", PROJECTION_STYLE = "projection";

/** What a card says of its curve. */
function metadataOf(card) {
  const { experiment, year, confidence_level, sided, reference, arxiv, source, obtained, observed, verified, derived_here, reason, notes } = card;
  return { experiment, year, confidence_level, sided, reference, arxiv, source, obtained, observed, verified, derived_here, reason, notes };
}

/** Table of a limit on |U|^2 of one flavour, in a convention. */
function mixingTable(tables, id, flavour, convention) {
  const found = tables.mixing_curves[flavour][id];
  return found[convention] ?? found.paper;
}

/** Observed limits on an invisible nu4 of a flavour in an input set, or projections. */
function mixingCards(tables, flavour, inputs, observed) {
  return tables.cards.filter((card) =>
    card.quantity === "U_sq" && card.flavours.includes(flavour) && card.inputs.includes(inputs)
    && card.observed === observed && card.applies_to_invisible);
}

/** Value of a curve at a mass; null outside. */
function curveValue(curve, mass) {
  const { x, y } = curve;
  return x.length === 0 || mass < x[0] * (1 - 1e-9) || mass > x[x.length - 1] * (1 + 1e-9) ? null
    : logLog(Math.min(Math.max(mass, x[0]), x[x.length - 1]), x, y);
}

/** Strongest of curves at a mass and the id of its card. */
function strongestOf(named, mass) {
  let best = { value: null, id: null };
  for (const { id, curve } of named) {
    const value = curveValue(curve, mass);
    if (value !== null && (best.value === null || value < best.value)) best = { value, id };
  }
  return best;
}

/** Sorted masses, each once. */
const sortedMasses = (masses) => [...new Set(masses)].sort((a, b) => a - b);

/** n masses at equal steps of the logarithm, ends included. */
function logMasses(low, high, n) {
  return Array.from({ length: n }, (_, i) => low * (high / low) ** (i / (n - 1)));
}

/** Add to masses both sides of every place where another limit becomes the strongest, found by bisection. */
function withChanges(masses, strongestAt) {
  const found = masses.map(strongestAt), x = [masses[0]], y = [found[0].value];
  for (let i = 1; i < masses.length; i++) {
    let low = [masses[i - 1], found[i - 1]], high = [masses[i], found[i]];
    if (low[1].id !== high[1].id) {
      while (high[0] > low[0] * (1 + 4e-6)) {
        const middle = Math.sqrt(low[0] * high[0]), between = strongestAt(middle);
        if (between.id === low[1].id) low = [middle, between]; else high = [middle, between];
      }
      for (const [m, one] of [low, high]) if (m > x[x.length - 1] && m < masses[i]) { x.push(m); y.push(one.value); }
    }
    x.push(masses[i]);
    y.push(found[i].value);
  }
  return { x, y };
}

const LARGEST_M4 = 1e3; // of the mixing plane; tables go beyond for the other

const limitCurve = (card, x, y) => ({
  id: card.id, label: card.label, x, y, style: card.observed ? LIMIT_STYLE : PROJECTION_STYLE, metadata: metadataOf(card),
});

/** What is said of a curve that is made of several cards, or of none. */
const madeOf = (cards, more = {}) => ({
  of: cards.map((card) => card.id),
  experiment: [...new Set(cards.map((card) => card.experiment))].join(", ") || null,
  year: null,
  confidence_level: cards.length && cards.every((card) => card.confidence_level === cards[0].confidence_level) ? cards[0].confidence_level : null,
  reference: [...new Set(cards.map((card) => card.reference))].join("; ") || null,
  arxiv: null,
  observed: cards.length > 0 && cards.every((card) => card.observed),
  verified: cards.every((card) => card.verified),
  derived_here: cards.length === 0 || cards.some((card) => card.derived_here),
  ...more,
});

/** Vertical line at the smallest m_chi that N_eff allows. */
function nEffLine(tables, inputs, ratio) {
  const bound = tables.bounds.find((one) => one.quantity === "N_eff" && one.inputs.includes(inputs));
  const excess = (log) => effectiveNeutrinos(tables, Math.exp(log), ratio * Math.exp(log)) - bound.limit;
  const mass = Math.exp(findRoot(excess, Math.log(1e-5), 0, 1e-9));
  const { confidence_level, year, reference, arxiv, verified } = bound;
  const metadata = { ...madeOf([]), confidence_level, year, reference, arxiv, verified, observed: true, derived_here: true };
  return { id: "n-eff", label: "N_eff", x: [mass], y: [null], style: "vertical", metadata };
}

/** Reach computed by the package for the paper's choices. */
function reachCurve(found, style, notes) {
  const { confidence_level = null, ...more } = found.metadata;
  const metadata = madeOf([], { ...more, experiment: more.experiment ?? found.label, confidence_level, observed: style === "limit", notes });
  const band = found.band_with ? { band_with: found.band_with } : {};
  return { id: found.id, label: found.label, x: found.x, y: found.y, style, metadata, ...band };
}

/** Limits on |U|^2 of a flavour by id. */
function namedLimits(tables, { flavour, inputs, convention }) {
  const cards = mixingCards(tables, flavour, inputs, true);
  return cards.map((card) => ({ id: card.id, card, curve: mixingTable(tables, card.id, flavour, convention) }));
}

/** Fig. 2: limits on |U|^2 against m4. */
function mixingPlane(engine, settings) {
  const { tables } = engine, { flavour, inputs, convention, projections, ratio } = settings, named = namedLimits(tables, settings);
  const future = projections ? mixingCards(tables, flavour, inputs, false) : [];
  const curves = [...named.map(({ card }) => card), ...future].map((card) => {
    const table = mixingTable(tables, card.id, flavour, convention), kept = table.x.filter((m) => m < LARGEST_M4);
    if (kept.length === table.x.length) return limitCurve(card, table.x, table.y);
    return limitCurve(card, [...kept, LARGEST_M4], [...table.y.slice(0, kept.length), curveValue(table, LARGEST_M4)]);
  });
  if (projections && tables.w_reach[flavour])
    curves.push(reachCurve(tables.w_reach[flavour], "reach", ["expected, with the procedure of the paper"]));
  const masses = sortedMasses([...named.flatMap(({ curve }) => curve.x), ...logMasses(1e-3, LARGEST_M4, 241)]);
  const { x, y } = withChanges(masses.filter((m) => m <= LARGEST_M4), (m) => strongestOf(named, m));
  const cards = named.map(({ card }) => card);
  curves.push({ id: `envelope-${flavour}`, label: "strongest limit", x, y, style: "envelope", metadata: madeOf(cards) });
  curves.push(nEffLine(tables, inputs, ratio));
  return curves;
}

/** How masses and yL follow from m_chi: m_phi = ratio m_chi, m4 a mass (GeV) or "10x", yL a number, "4pi" or "natural". */
function massRule({ ratio, m4 }) {
  const multiple = String(m4).endsWith("x") ? Number.parseFloat(m4) : null;
  const nu4 = (mChi) => (multiple === null ? Number(m4) : multiple * mChi);
  const yL = (mChi, which) => {
    if (which === "natural") return Math.min(PERTURBATIVE * ratio * mChi / nu4(mChi), PERTURBATIVE);
    return which === "4pi" ? PERTURBATIVE : Number(which);
  };
  return { ratio, nu4, yL, multiple, invisible: (mChi) => nu4(mChi) > mChi * (1 + ratio) };
}

/** Y at a limit on |U|^2; null where nu4 -> chi phi is closed: then it is not one on an invisible nu4. */
function couplingOfMixing(limit, mChi, rule, which) {
  if (limit === null || !rule.invisible(mChi)) return null;
  return darkCoupling(rule.yL(mChi, which) ** 2 * limit, 1 / rule.ratio);
}

/** Strongest limit on |U|^2 at m_chi, searches for a narrow nu4 weakened or left out where it is broad. */
function broadLimit(engine, named, flavour, mChi, rule, which) {
  const small = 1e-12, m4 = rule.nu4(mChi);
  const p = makePoint(engine.tables, { flavour, m_chi: mChi, m_phi: rule.ratio * mChi, m4, yL: rule.yL(mChi, which), U_sq: small });
  p.width = widthDark(p);
  const candidates = named.map(({ id, card, curve }) => ({ id, card, value: curveValue(curve, m4) }));
  let best = { value: null, id: null };
  for (const { id, card, value } of candidates.filter((one) => one.value !== null).sort((a, b) => a.value - b.value)) {
    if (best.value !== null && 0.9 * value >= best.value) break; // a broad nu4 only weakens a search
    const seen = card.narrow ? small * evaluateMixing(engine, card, p, "refined").margin : value;
    if (seen > 0 && !(card.narrow && seen > 1) && (best.value === null || seen < best.value)) best = { value: seen, id };
  }
  return best;
}

/** Strongest limit on |U|^2 that a mass of chi meets on the coupling plane. */
function limitAtChi(engine, named, settings, mChi, rule, which) {
  if (settings.convention === "refined") return broadLimit(engine, named, settings.flavour, mChi, rule, which);
  return strongestOf(named, rule.nu4(mChi));
}

/** |U|^2 at which a thousandth of the nu4 decays is visible, for mixing with mu; null where there is none below 0.9. */
function mixingOfVisible(tables, mChi, rule, which, guess) {
  if (!rule.invisible(mChi)) return null;
  const given = { flavour: "mu", m_chi: mChi, m_phi: rule.ratio * mChi, m4: rule.nu4(mChi), yL: rule.yL(mChi, which) };
  const logShare = (logU) => {
    const p = makePoint(tables, { ...given, U_sq: Math.exp(logU) }), widths = weakWidths(tables, p, "mu");
    if (widths === null) return NaN;
    return Math.log(Math.max(widths.visible / (widths.weak + widthDark(p)), 1e-300) / VISIBLE_BRANCHING);
  };
  const top = Math.log(1 - 1e-9);
  if (!(logShare(top) > 0)) return null;
  let logU = Math.log(guess ?? 1e-3), miss = logShare(logU); // the share is nearly proportional to |U|^2
  for (let n = 0; n < 6 && Math.abs(miss) > 1e-4; n++) {
    logU = Math.min(logU - miss, top);
    miss = logShare(logU);
  }
  if (!(Math.abs(miss) <= 1e-4)) logU = findRoot(logShare, Math.log(1e-40), top, 1e-8);
  return Math.exp(logU) > 0.9 ? null : Math.exp(logU);
}

/** Y at that mixing for masses in order, each from the mixing of the one before. */
function visibleCurve(tables, masses, rule, which) {
  let mixing = null;
  return masses.map((m) => {
    const found = mixingOfVisible(tables, m, rule, which, mixing);
    mixing = found ?? mixing;
    return couplingOfMixing(found, m, rule, which);
  });
}

/** Masses of tables within the axis, both sides of their ends, and a grid. */
function chiMasses(tables, n, scale = 1) {
  const masses = logMasses(1e-3, 1e3, n);
  for (const list of tables) {
    masses.push(...list.map((m) => m / scale));
    for (const end of [list[0], list[list.length - 1]]) masses.push(end / scale * (1 - 2e-5), end / scale * (1 + 2e-5));
  }
  return sortedMasses(masses.filter((m) => m >= 1e-3 * (1 - 1e-12) && m <= 1e3 * (1 + 1e-12)));
}

/** Thermal target and smallest haloes. */
function targetCurves(tables, settings, rule) {
  const c = tables.constants, unit = c.GEV_M2_TO_CM3_PER_S, refined = settings.convention === "refined", x = logMasses(1e-3, 1e3, 241);
  const target = (m) => {
    const sigmaV = refined ? relicSigmaV(tables, m) : c.SIGMA_V_THERMAL_CM3_PER_S;
    return sigmaV === null ? null : couplingOfSigmaV(m, 1 / rule.ratio, sigmaV / unit);
  };
  const condition = refined ? "Omega h^2 = 0.12" : "sigma v = 3e-26 cm^3/s";
  const curves = [{ id: "thermal", label: "thermal", x, y: x.map(target), style: "target", metadata: madeOf([], { condition }) }];
  for (const [id, cutoff] of [["m-cut-1e07", 1e7], ["m-cut-1e09", 1e9]]) {
    const y = x.map((m) => (cutoff / cutoffMass(tables, m, 1, settings.convention)) ** (4 / 3));
    curves.push({ id, label: `M_cut = ${general(cutoff)} Msun`, x, y, style: "target", metadata: madeOf([]) });
  }
  return curves;
}

/** Cards on dark matter of a quantity. */
const darkCards = (tables, quantity, inputs, observed) =>
  tables.cards.filter((card) => card.quantity === quantity && card.inputs.includes(inputs) && card.observed === observed);

/** Lowest of values, those that are null left out. */
const lowest = (values) => values.reduce((best, v) => (v === null || Number.isNaN(v) ? best : best === null || v < best ? v : best), null);

/** A curve of several cards recast to Y: value(card, m_chi). */
function recastCurve(id, label, cards, style, value, metadata) {
  const x = chiMasses(cards.map((card) => card.points.mass_GeV), 481);
  return { id, label, x, y: x.map((m) => lowest(cards.map((card) => value(card, m)))), style, metadata };
}

/** Direct detection: the strongest observed limit, projections and the neutrino floor. */
function recoilCurves(tables, settings, rule) {
  const observed = darkCards(tables, "sigma_n_cm2", settings.inputs, true), value = (card, m) => {
    const sigma = cardValue(card, m);
    return Number.isNaN(sigma) ? null : couplingOfRecoil(tables, sigma, m, rule.ratio * m, rule.nu4(m), card.nucleus);
  };
  const curves = [recastCurve("direct-detection", "direct detection", observed, "limit", value, madeOf(observed))];
  if (settings.projections)
    for (const card of darkCards(tables, "sigma_n_cm2", settings.inputs, false))
      curves.push(recastCurve(card.id, card.label, [card], "projection", value, metadataOf(card)));
  return curves;
}

/** chi chibar -> nu nubar in neutrino detectors: the strongest observed limit, Hyper-K and JUNO. */
function lineCurves(tables, settings, rule) {
  const unit = tables.constants.GEV_M2_TO_CM3_PER_S, halo = settings.halo, value = (card, m) => {
    const sigmaV = cardValue(card, m) * lineFactor(tables, card, settings.flavour, halo);
    return Number.isNaN(sigmaV) ? null : couplingOfSigmaV(m, 1 / rule.ratio, sigmaV / unit);
  };
  const observed = darkCards(tables, "sigma_v_cm3_per_s", "latest", true);
  const curves = [recastCurve("neutrino-line", "neutrino line", observed, "limit", value, madeOf(observed, { halo }))];
  if (settings.projections)
    for (const card of darkCards(tables, "sigma_v_cm3_per_s", "latest", false))
      if (tables.drawn_lines.includes(card.id))
        curves.push(recastCurve(card.id, card.label, [card], "projection", value, { ...metadataOf(card), halo }));
  return curves;
}

/** K+ -> mu + invisible: E949 and NA62, for the mass rules that the package computes them for. */
function kaonCurves(tables, settings) {
  const { ratio, m4, inputs, projections, yL } = settings;
  const found = tables.kaon_reach.find((one) => one.ratio === Number(ratio) && String(one.m4) === String(m4) && yL === "4pi");
  const known = found ? found.curves : tables.kaon_reach[0].curves;
  const kept = known.filter((curve) =>
    (inputs === "latest" || tables.kaon_reach_2017.includes(curve.id)) && (projections || curve.id.endsWith("-window")));
  const rules = tables.kaon_reach.map((one) => one.m4.endsWith("x") ? `${one.m4.slice(0, -1)} m_chi` : `${one.m4} GeV`).join(" or ");
  const reason = `computed for m_phi/m_chi = ${tables.kaon_reach[0].ratio}, m4 = ${rules} and yL = 4 pi only`;
  return kept.map((curve) => {
    const drawn = reachCurve(curve, curve.id.endsWith("-window") ? "limit" : "reach", curve.metadata.notes);
    return found ? drawn : { ...drawn, x: [], y: [], metadata: { ...drawn.metadata, reason } };
  });
}

/** yL of the curves of limits on the mixing: ids and labels as in Fig. 1, or the one that is asked for. */
function drawnCouplings(yL) {
  if (yL !== "4pi") return [{ which: yL, name: yL === "natural" ? "natural" : "chosen", label: yL === "natural" ? "no fine tuning" : `yL = ${general(Number(yL))}` }];
  return [{ which: "4pi", name: "perturbative", label: "yL = 4 pi" }, { which: "natural", name: "natural", label: "no fine tuning" }];
}

/** m_chi of limits on the mixing (corners of their tables), and of the visible share (finer at its steps). */
function planeMasses(named, settings, rule) {
  if (rule.multiple !== null)
    return { knots: chiMasses(named.map(({ curve }) => curve.x), 241, rule.multiple), fine: chiMasses([logMasses(60, 130, 160)], 241, rule.multiple) };
  const edge = Number(settings.m4) / (1 + rule.ratio), near = [];
  for (let distance = 0.2; distance > 1e-9; distance *= 0.8) near.push(edge * (1 - distance));
  return { knots: chiMasses([[edge, edge]], 61), fine: chiMasses([[...near, edge]], 241) };
}

/** Fig. 1: Y against m_chi. */
function couplingPlane(engine, settings) {
  const { tables } = engine, rule = massRule(settings), named = namedLimits(tables, settings), cards = named.map(({ card }) => card);
  const curves = [...targetCurves(tables, settings, rule), nEffLine(tables, settings.inputs, rule.ratio), ...recoilCurves(tables, settings, rule)];
  const { knots, fine } = planeMasses(named, settings, rule);
  for (const { which, name, label } of drawnCouplings(settings.yL)) {
    const { x, y } = withChanges(knots, (m) => limitAtChi(engine, named, settings, m, rule, which));
    const limit = y.map((value, i) => couplingOfMixing(value, x[i], rule, which));
    const visible = visibleCurve(tables, fine, rule, which);
    curves.push({ id: `mixing-${name}`, label, x, y: limit, style: "limit", metadata: madeOf(cards, { yL: label }) });
    curves.push({ id: `visible-${name}`, label: "visible nu4", x: fine, y: visible, style: "limit", metadata: madeOf([], { visible_share: VISIBLE_BRANCHING, yL: label }) });
  }
  if (settings.inputs === "latest") curves.push(...lineCurves(tables, settings, rule));
  if (settings.flavour === "mu") curves.push(...kaonCurves(tables, settings));
  return curves;
}

const DEFAULT_SETTINGS = {
  flavour: "mu", inputs: "latest", convention: "paper", projections: true, ratio: 3, m4: "10x", yL: "4pi", halo: "nfw",
};

/** Curves of the plane "mixing" (|U|^2 against m4) or "coupling" (Y against m_chi). */
function curves(engine, plane, given) {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  if (settings.yL === "perturbative") settings.yL = "4pi";
  if (plane === "mixing") return mixingPlane(engine, settings);
  if (plane === "coupling") return couplingPlane(engine, settings);
  throw new Error(`unknown plane ${plane}: expected mixing or coupling`);
}

/** Strongest observed limit at a mass (m4 on the mixing plane, m_chi on the other): value and id, null where none. */
function strongest(engine, given, mass) {
  const settings = { ...DEFAULT_SETTINGS, plane: "mixing", ...given }, { tables } = engine, named = namedLimits(tables, settings);
  if (settings.plane === "mixing") return strongestOf(named, mass);
  const rule = massRule(settings), which = settings.yL === "perturbative" ? "4pi" : settings.yL;
  const mixing = limitAtChi(engine, named, settings, mass, rule, which);
  const found = [{ value: couplingOfMixing(mixing.value, mass, rule, which), id: mixing.id }];
  for (const card of darkCards(tables, "sigma_n_cm2", settings.inputs, true)) {
    const sigma = cardValue(card, mass);
    if (!Number.isNaN(sigma))
      found.push({ value: couplingOfRecoil(tables, sigma, mass, rule.ratio * mass, rule.nu4(mass), card.nucleus), id: card.id });
  }
  for (const card of darkCards(tables, "sigma_v_cm3_per_s", settings.inputs, true)) {
    const sigmaV = cardValue(card, mass) * lineFactor(tables, card, settings.flavour, settings.halo);
    if (!Number.isNaN(sigmaV))
      found.push({ value: couplingOfSigmaV(mass, 1 / rule.ratio, sigmaV / tables.constants.GEV_M2_TO_CM3_PER_S), id: card.id });
  }
  const known = found.filter((one) => one.value !== null);
  return known.length ? known.reduce((a, b) => (b.value < a.value ? b : a)) : { value: null, id: null };
}
