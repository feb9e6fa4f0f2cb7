// The engine that the page uses.

/** Make an engine of the tables of nuportal.explorer.tables. */
function create(tables) {
  const engine = { tables, channels: decayChannels(tables) };
  return {
    evaluate: (point, options) => evaluate(engine, point, options),
    curves: (plane, settings) => mixingPlane(engine, settings),
  };
}

const NuportalEngine = { create };
if (typeof module !== "undefined" && module.exports) module.exports = NuportalEngine;
else globalThis.NuportalEngine = NuportalEngine;
