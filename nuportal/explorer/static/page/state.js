// The state of the page: defaults, what is allowed, and the fragment of the address that keeps it.

const about = JSON.parse(find("#about").textContent);
const FOUR_PI = 4 * Math.PI;

const FIELDS = {
  m_chi: { symbol: "*m*_χ", name: "mass of χ", unit: "GeV", low: 1e-4, high: 1e3 },
  ratio: { symbol: "*m*_φ / *m*_χ", name: "mass of φ over that of χ", unit: "", low: 1.01, high: 100 },
  m4: { symbol: "*m*_4", name: "mass of nu4", unit: "GeV", low: 1e-3, high: 1e3 },
  m4_over: { symbol: "*m*_4 / *m*_χ", name: "mass of nu4 over that of χ", unit: "", low: 0.1, high: 1e4 },
  yL: { symbol: "*y*_L", name: "coupling of φ, χ and nu4", unit: "", low: 1e-3, high: FOUR_PI },
  U_sq: { symbol: "|*U*_{ℓ4}|^2", name: "mixing squared", unit: "", low: 1e-10, high: 0.99 },
};
const CHOICES = {
  plane: { mixing: "|*U*|^2 – *m*_4", coupling: "*Y* – *m*_χ" },
  flavour: { e: "*e*", mu: "*μ*", tau: "*τ*" },
  m4_rule: { fixed: "fixed", over: "× *m*_χ" },
  inputs: { 2017: "2017", latest: "latest" },
  convention: { paper: "paper", refined: "refined" },
  spectrum: { lepton_pt: "lepton *p*_T (*W*)", muon_momentum: "*μ* momentum (*K*)" },
  inelastic: { off: "", on: "" },
  projections: { off: "", on: "" },
};
const DEFAULTS = Object.freeze({
  plane: "mixing", flavour: "mu", ...about.point, m4_rule: "fixed", m4_over: 10, inputs: "latest",
  convention: "refined", spectrum: "lepton_pt", inelastic: "off", projections: "on", off: [],
});

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const isFourPi = (value) => Math.abs(value - FOUR_PI) < 0.005;

/** Number of a text, NaN if it is none; a yL of 4π, as 4pi or rounded, is 4π exactly. */
function numberIn(name, text) {
  const given = String(text).trim();
  if (name === "yL" && /^4\s*(pi|π)$/i.test(given)) return FOUR_PI;
  const value = DECIMAL.test(given) ? Number(given) : NaN;
  return name === "yL" && isFourPi(value) ? FOUR_PI : value;
}

/** What is wrong with the text of a field, or null. */
function problem(name, text) {
  const { low, high, unit } = FIELDS[name];
  const value = numberIn(name, text);
  if (Number.isNaN(value)) return "expected a number";
  if (value >= low && value <= high * (1 + 1e-9)) return null;
  return `must be between ${readable(low)} and ${high === FOUR_PI ? "4π" : readable(high)}${unit && " " + unit}`;
}

const clamped = (name, value) => Math.min(Math.max(rounded(value), FIELDS[name].low), FIELDS[name].high);

/** The fragment of a state: what differs from the defaults. */
function encoded(state) {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (String(value) === String(DEFAULTS[name])) continue;
    pairs.set(name, name === "yL" && isFourPi(value) ? "4pi" : String(value));
  }
  return pairs.size ? `#${pairs}` : "";
}

const shortened = (text) => (text.length > 30 ? `${text.slice(0, 30)}…` : text);

/** The state of a fragment, and what in it is not allowed. */
function decoded(fragment) {
  const state = { ...DEFAULTS };
  const problems = [];
  for (const [name, text] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (name === "off") state.off = text.split(",").filter((id) => /^[\w.-]+$/.test(id));
    else if (Object.hasOwn(FIELDS, name)) {
      const wrong = problem(name, text);
      if (wrong) problems.push(`${name} = ${shortened(text)}: ${wrong}`);
      else state[name] = numberIn(name, text);
    } else if (Object.hasOwn(CHOICES, name)) {
      if (Object.hasOwn(CHOICES[name], text)) state[name] = text;
      else problems.push(`${name} = ${shortened(text)}: expected ${Object.keys(CHOICES[name]).join(" or ")}`);
    } else problems.push(`${shortened(name)} is unknown`);
  }
  return { state, problems };
}

/** Parameter point as the engine takes it. */
function pointOf(state) {
  const m4 = state.m4_rule === "over" ? state.m4_over * state.m_chi : state.m4;
  return {
    flavour: state.flavour, m_chi: state.m_chi, m_phi: Number(plain(state.ratio * state.m_chi)),
    m4: Number(plain(m4)), yL: state.yL, U_sq: state.U_sq,
  };
}

const optionsOf = (state) => ({
  inputs: state.inputs, convention: state.convention, inelastic: state.inelastic === "on", halo: "nfw",
});

/** Settings of the curves as the engine takes them. */
const settingsOf = (state) => ({
  flavour: state.flavour, inputs: state.inputs, convention: state.convention, projections: state.projections === "on",
  ratio: state.ratio, m4: state.m4_rule === "over" ? `${state.m4_over}x` : state.m4,
  yL: isFourPi(state.yL) ? "4pi" : state.yL,
});

/** What a move of the point to (x, y) of the plane changes. */
function movedTo(state, x, y) {
  if (state.plane === "coupling") {
    return { m_chi: clamped("m_chi", x), U_sq: clamped("U_sq", (Math.sqrt(y) * state.ratio ** 2) / state.yL ** 2) };
  }
  const U_sq = clamped("U_sq", y);
  return state.m4_rule === "over" ? { m_chi: clamped("m_chi", x / state.m4_over), U_sq } : { m4: clamped("m4", x), U_sq };
}

/** Where the point is on the plane. */
function placeOf(state) {
  const point = pointOf(state);
  if (state.plane === "mixing") return [point.m4, point.U_sq];
  return [point.m_chi, point.yL ** 4 * point.U_sq ** 2 * (point.m_chi / point.m_phi) ** 4];
}
