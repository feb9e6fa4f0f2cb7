// The engine that the page uses.

/**
 * Make an engine of the tables of nuportal.explorer.tables. Its functions:
 *
 * - evaluate({flavour, m_chi, m_phi, m4, yL, U_sq}, {inputs, convention, inelastic, halo}): verdict of all constraints
 *   with the names of `nuportal check --json`, and `derived` with those of `nuportal model --json`. Masses in GeV, one
 *   flavour mixes. `allowed` is null where no limit excludes the point but it lies in a gap (`undecided` says which).
 *   A margin without an effect is Infinity. `greyed` says why a quantity is null.
 * - curves(plane, {flavour, inputs, convention, projections, ratio, m4, yL, halo}): curves of "mixing" or "coupling".
 * - spectrum(kind, point): "lepton_pt" or "muon_momentum" in bins; x are the edges.
 * - strongest({plane, ...settings}, mass): {value, id}.
 */
function create(tables) {
  const engine = { tables, channels: decayChannels(tables) };
  return {
    evaluate: (point, options) => evaluate(engine, point, options),
    curves: (plane, settings) => curves(engine, plane, settings),
    spectrum: (kind, point) => spectrum(engine, kind, point),
    strongest: (settings, mass) => strongest(engine, settings, mass),
  };
}

const NuportalEngine = { create };
if (typeof module !== "undefined" && module.exports) module.exports = NuportalEngine;
else globalThis.NuportalEngine = NuportalEngine;
