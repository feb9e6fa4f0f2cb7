// Fig. 1: the coupling Y against m_chi. See nuportal.figures.coupling and nucore.limits.recast.

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

/** Limits of the catalogue that the windows recast. */
const RECAST = { "e949-window": "e949-2016-mu-3nu", "na62-2021-window": "na62-2021-mu-3nu" };

/** K+ -> mu + invisible: E949 and NA62, for the mass rules that the package computes them for. */
function kaonCurves(tables, settings) {
  const { ratio, m4, inputs, projections, yL } = settings;
  const found = tables.kaon_reach.find((one) => one.ratio === Number(ratio) && String(one.m4) === String(m4) && yL === "4pi");
  const known = found ? found.curves : tables.kaon_reach[0].curves;
  const kept = known.filter((curve) =>
    (inputs === "latest" || tables.kaon_reach_2017.includes(curve.id)) && (projections || curve.id.endsWith("-window")));
  const named = ({ m4 }) => (m4.endsWith("x") ? `${m4.slice(0, -1)} m_chi` : `${m4} GeV`);
  const rules = tables.kaon_reach.map(named).join(" or ");
  const reason = `computed for m_phi/m_chi = ${tables.kaon_reach[0].ratio}, m4 = ${rules} and yL = 4 pi only`;
  return kept.map((curve) => {
    const recast = tables.cards.filter((card) => card.id === RECAST[curve.id]);
    const drawn = reachCurve(curve, recast.length ? "limit" : "reach", curve.metadata.notes, recast);
    return found ? drawn : { ...drawn, x: [], y: [], metadata: { ...drawn.metadata, reason } };
  });
}

/** yL of the curves of limits on the mixing: ids and labels as in Fig. 1, or the one that is asked for. */
function drawnCouplings(yL) {
  const perturbative = { which: "4pi", name: "perturbative", label: "yL = 4 pi" };
  const natural = { which: "natural", name: "natural", label: "no fine tuning" };
  if (yL === "4pi") return [perturbative, natural];
  return yL === "natural" ? [natural] : [{ which: yL, name: "chosen", label: `yL = ${general(Number(yL))}` }];
}

/** m_chi of limits on the mixing (corners of their tables), and of the visible share (finer at its steps). */
function planeMasses(named, settings, rule) {
  if (rule.multiple !== null)
    return {
      knots: chiMasses(named.map(({ curve }) => curve.x), 241, rule.multiple),
      fine: chiMasses([logMasses(60, 130, 160)], 241, rule.multiple), // where W, Z and h open
    };
  const edge = Number(settings.m4) / (1 + rule.ratio), near = [];
  for (let distance = 0.2; distance > 1e-9; distance *= 0.8) near.push(edge * (1 - distance));
  return { knots: chiMasses([[edge, edge]], 61), fine: chiMasses([[...near, edge]], 241) };
}

/** Fig. 1: Y against m_chi. */
function couplingPlane(engine, settings) {
  const { tables } = engine, rule = massRule(settings), named = namedLimits(tables, settings);
  const cards = named.map(({ card }) => card);
  const curves = [
    ...targetCurves(tables, settings, rule),
    nEffLine(tables, settings.inputs, rule.ratio),
    ...recoilCurves(tables, settings, rule),
  ];
  const { knots, fine } = planeMasses(named, settings, rule);
  for (const { which, name, label } of drawnCouplings(settings.yL)) {
    const { x, y } = withChanges(knots, (m) => limitAtChi(engine, named, settings, m, rule, which));
    const limit = y.map((value, i) => couplingOfMixing(value, x[i], rule, which));
    const visible = visibleCurve(tables, fine, rule, which);
    const style = "limit", about = madeOf([], { visible_share: VISIBLE_BRANCHING, yL: label });
    curves.push({ id: `mixing-${name}`, label, x, y: limit, style, metadata: madeOf(cards, { yL: label }) });
    curves.push({ id: `visible-${name}`, label: "visible nu4", x: fine, y: visible, style, metadata: about });
  }
  if (settings.inputs === "latest") curves.push(...lineCurves(tables, settings, rule));
  if (settings.flavour === "mu") curves.push(...kaonCurves(tables, settings));
  return curves;
}
