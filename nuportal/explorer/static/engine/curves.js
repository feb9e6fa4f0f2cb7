// Curves of the two planes, as `nuportal figure 1` and `2` draw them. See nuportal.figures.{mixing, coupling}.

const LIMIT_STYLE = "limit", PROJECTION_STYLE = "projection";

/** What a card says of its curve. */
function metadataOf(card) {
  const names = [
    "experiment", "year", "confidence_level", "sided", "reference", "arxiv", "source", "obtained", "observed",
    "verified", "derived_here", "reason", "notes",
  ];
  return Object.fromEntries(names.map((name) => [name, card[name]]));
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
const sharedLevel = (cards) =>
  cards.length && cards.every((card) => card.confidence_level === cards[0].confidence_level) ? cards[0].confidence_level : null;

const madeOf = (cards, more = {}) => ({
  of: cards.map((card) => card.id),
  experiment: [...new Set(cards.map((card) => card.experiment))].join(", ") || null,
  year: null,
  confidence_level: sharedLevel(cards),
  reference: [...new Set(cards.map((card) => card.reference))].join("; ") || null,
  arxiv: null,
  observed: cards.length > 0 && cards.every((card) => card.observed),
  verified: cards.length ? cards.every((card) => card.verified) : null, // nothing was read in a source
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

/** Reach computed by the package for the paper's choices, or published limits of some cards recast by it. */
function reachCurve(found, style, notes, cards = []) {
  const { confidence_level = null, ...more } = found.metadata;
  const experiment = more.experiment ?? found.label, [{ year, arxiv } = { year: null, arxiv: null }] = cards;
  const about = { ...more, experiment, year, arxiv, confidence_level, observed: style === "limit", derived_here: true, notes };
  const metadata = madeOf(cards, about);
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
