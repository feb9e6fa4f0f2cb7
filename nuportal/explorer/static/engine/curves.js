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

/** Fig. 2: limits on |U|^2 against m4. */
function mixingPlane(engine, settings) {
  const { tables } = engine, { flavour, inputs, convention, projections } = settings;
  const observed = mixingCards(tables, flavour, inputs, true);
  const named = observed.map((card) => ({ id: card.id, curve: mixingTable(tables, card.id, flavour, convention) }));
  const drawn = projections ? [...observed, ...mixingCards(tables, flavour, inputs, false)] : observed;
  const curves = drawn.map((card) => ({
    id: card.id, label: card.label, ...mixingTable(tables, card.id, flavour, convention),
    style: card.observed ? LIMIT_STYLE : PROJECTION_STYLE, metadata: metadataOf(card),
  }));
  const x = sortedMasses([...named.flatMap(({ curve }) => curve.x), ...logMasses(1e-3, 1e3, 1201)]);
  curves.push({
    id: `envelope-${flavour}`, label: "strongest limit", x, y: x.map((m) => strongestOf(named, m).value),
    style: "envelope", metadata: { of: observed.map((card) => card.id) },
  });
  return curves;
}
