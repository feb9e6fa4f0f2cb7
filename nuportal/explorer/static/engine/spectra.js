// Spectra at a point: lepton pT of W -> l nu, momentum of the muon of K+ -> mu + invisible.
// See collider.inference.likelihood (Expectation) and mesons.inference.meson_templates.

const nothing = (reason) => ({ x: [], unit: "GeV", standard_model: [], signal: [], total: [], ratio: [], mark: null, reason });

/** Lagrange interpolation through four rows at equal steps: values at a position in units of the step. */
function fourRows(rows, position) {
  const first = Math.min(Math.max(Math.floor(position) - 1, 0), rows.length - 4), t = position - first;
  const weights = [0, 1, 2, 3].map((k) => [0, 1, 2, 3].reduce((w, j) => (j === k ? w : w * (t - j) / (k - j)), 1));
  return rows[first].map((_, i) => weights.reduce((sum, w, k) => sum + w * rows[first + k][i], 0));
}

/** Events in bins of the lepton pT at the luminosity of the card: Standard Model, with nu4, and their ratio. */
function leptonPt(engine, p) {
  const table = engine.tables.w_spectrum, U = p.s2;
  if (p.flavour === "tau") return nothing("the leptons of W -> tau nu are not measured in this selection");
  const position = p.m4 ** 2 / table.m4_sq_step_GeV2, open = position <= table.nu4.length - 1;
  const nu4 = open ? fourRows(table.nu4, position).map((v) => Math.max(v, 0)) : table.light.map(() => 0);
  const signal = nu4.map((v) => U * v), total = table.standard_model.map((v, i) => v + signal[i] - U * table.light[i]);
  const ratio = total.map((v, i) => v / table.standard_model[i]), kink = 0.5 * table.m_W_GeV * (1 - (p.m4 / table.m_W_GeV) ** 2);
  return {
    x: table.edges_GeV, unit: "GeV", standard_model: table.standard_model, signal, total, ratio,
    mark: kink > 0 ? kink : null, reason: kink > 0 ? null : "W -> l nu4 is closed: only the rate of the Standard Model falls",
    luminosity_invfb: table.luminosity_invfb, experiment: table.experiment,
  };
}

/** Grid of true momenta (GeV) and the probability to reconstruct each in every bin. */
function smearing(engine) {
  engine.smearing ??= (() => {
    const { edges_GeV: edges, relative_resolution: relative } = engine.tables.kaon_spectrum, last = edges.length - 1;
    const reach = 7 * relative * edges[last], step = relative * edges[0] / 24, first = edges[0] - reach;
    const grid = Array.from({ length: Math.ceil((edges[last] + reach - first) / step) + 1 }, (_, i) => first + step * i);
    const rows = grid.map((p) => {
      const below = edges.map((edge) => normalBelow((edge - p) / (relative * p)));
      return Float64Array.from({ length: last }, (_, i) => below[i + 1] - below[i]);
    });
    return { step, first, grid, rows };
  })();
  return engine.smearing;
}

/** Events in bins of the muon momentum at the exposure of the card: background, nu4 and chi phi, and their ratio. */
function muonMomentum(engine, p) {
  const table = engine.tables.kaon_spectrum, channel = engine.channels["K+ mu"], { step, first, grid, rows } = smearing(engine);
  if (p.flavour !== "mu") return nothing("K+ -> mu + invisible measures the mixing with mu");
  const decay = darkDecay(p, channel.M, channel.m, p.s2), onto = new Float64Array(grid.length);
  const put = (momentum, weight) => {
    const at = (momentum - first) / step, cell = Math.floor(at);
    if (cell < 0 || cell >= grid.length - 1) return;
    onto[cell] += weight * (cell + 1 - at);
    onto[cell + 1] += weight * (at - cell);
  };
  const produced = p.m4 < channel.M - channel.m, cell = 0.5 * table.relative_resolution * table.edges_GeV[0];
  const mark = produced ? twoBodyMomentum(channel.M, channel.m, p.m4) : null;
  if (decay.release > 0) darkMomenta(decay, channel, first, grid[grid.length - 1], cell, put);
  else if (!produced) return nothing("K+ -> mu nu4 and K+ -> mu chi phi are closed");
  if (produced && !turnsDark(p)) put(mark, p.pole * (1 - p.seen(channel.M)) * p.s2 * channel.nu4(p.m4));
  const signal = new Array(table.background.length).fill(0);
  onto.forEach((weight, k) => { if (weight > 0) rows[k].forEach((share, i) => { signal[i] += table.recorded * weight * share; }); });
  const total = signal.map((v, i) => v + table.background[i]);
  return {
    x: table.edges_GeV, unit: "GeV", standard_model: table.background, signal, total, ratio: total.map((v, i) => v / table.background[i]),
    mark, reason: signal.some((v) => v > 0) ? null : "no signal in the momentum window of the search",
    decays: table.decays, experiment: table.experiment,
  };
}

/** Call put(momentum, weight) over the spectrum of M -> l chi phi between two momenta, in cells of a width. */
function darkMomenta(decay, channel, low, high, width, put) {
  const least = (decay.p.m_chi + decay.p.m_phi) ** 2, onShell = turnsDark(decay.p) && decay.p.m4 < decay.M - decay.m;
  const kept = onShell ? decay.p.pole * (1 - decay.p.seen(decay.M)) : 1;
  for (let start = low; start < high; start += width) {
    const top = atMomentum(decay, start), bottom = atMomentum(decay, start + width);
    if (!(top.above > 0)) break;
    visitNodes(decay, bottom.above > 0 ? bottom : offsets(0, decay.range, -decay.poleAbove), top, (above, below, fromPole, weight) => {
      const density = spectralDensity(decay, above, below, fromPole);
      const momentum = Math.sqrt(below * (below + 4 * decay.M * decay.m)) / (2 * decay.M);
      if (density > 0) put(momentum, kept * weight * density * channel.recoil(below, least + above));
    });
  }
}

/** Spectrum of a kind, "lepton_pt" or "muon_momentum", at a point. */
function spectrum(engine, kind, point) {
  const reason = whyInvalid(engine.tables, point);
  if (reason !== null) return nothing(reason);
  const p = completePoint(engine, point).p;
  if (kind === "lepton_pt") return leptonPt(engine, p);
  if (kind === "muon_momentum") return muonMomentum(engine, p);
  throw new Error(`unknown spectrum ${kind}: expected lepton_pt or muon_momentum`);
}
