// Puts the parts together: a change of the state is remembered in the address and drawn once a frame.

const engine = NuportalEngine.create(JSON.parse(find("#tables").textContent));
let state = DEFAULTS;
let curves = [];
let pointed = { curve: null, pinned: false };
let spectrum = null;
let drawnFor = "";
let waiting = false;
const MOST_PROBLEMS = 5; // told of a link
let last = { cause: null, time: 0 };

const plane = makePlane(find("#plane"), {
  move: ([x, y], cause) => change(movedTo(state, x, y), cause),
  state: () => state,
  settle: () => { last = { cause: null, time: 0 }; },
  point,
});

/** Tell of a curve; one that was clicked stays until another is, or Escape. */
function point(curve, pin) {
  if (pointed.pinned && !pin) return;
  pointed = { curve, pinned: pin };
  plane.mark(curve?.id ?? null);
  tellCurve(curve, state);
}

/** Change the state; moves that follow each other closely make one entry of the history. */
function change(changes, cause) {
  const before = encoded(state);
  state = { ...state, ...changes };
  const fragment = encoded(state);
  if (fragment !== before) {
    const follows = cause === last.cause && Date.now() - last.time < 1500;
    history[follows ? "replaceState" : "pushState"](null, "", fragment || location.pathname + location.search);
    last = { cause, time: Date.now() };
  }
  schedule();
}

/** Take the state of the address: at the start, and as the user goes back. */
function restore() {
  const read = decoded(location.hash);
  // a field that is left says once more what is in it: it must not reach the new state
  document.activeElement?.blur?.();
  state = read.state;
  last = { cause: null, time: 0 };
  const notice = find("#notice");
  notice.hidden = read.problems.length === 0;
  const more = read.problems.length - MOST_PROBLEMS;
  const told = [...read.problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  notice.textContent = told && `Left out of the link: ${told}.`;
  schedule();
}

function schedule() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; render(); });
}

function render() {
  showControls(state);
  const result = engine.evaluate(pointOf(state), optionsOf(state));
  const settings = settingsOf(state);
  // curves of the mixing plane hold for any m4 and yL
  const { m4, yL, ...others } = settings;
  const key = JSON.stringify([state.plane, others, state.plane === "coupling" && [m4, yL], state.off, find("#plane").clientWidth]);
  find("#as-paper").hidden = state.plane !== "coupling";
  find("#plane-note").textContent = PLANES[state.plane].note;
  if (key !== drawnFor) {
    drawnFor = key;
    curves = engine.curves(state.plane, settings);
    const same = curves.find((curve) => curve.id === pointed.curve?.id) ?? null;
    pointed = { curve: same, pinned: pointed.pinned && same !== null };
    plane.draw(state, curves, pointed.curve?.id);
    listCurves(curves, state, { toggle, point });
  }
  plane.move(state, result.valid ? result.allowed : null);
  tellVerdict(result);
  drawBars(result, { refresh: schedule, mark: (id) => plane.mark(id ?? pointed.curve?.id) });
  drawNumbers(result);
  spectrum = drawSpectrum(find("#spectrum"), state.spectrum, engine.spectrum(state.spectrum, pointOf(state), optionsOf(state)));
  tellCurve(pointed.curve, state);
  showCommands(state);
}

function toggle(id) {
  change({ off: state.off.includes(id) ? state.off.filter((one) => one !== id) : [...state.off, id] }, "curves");
}

makeControls(change);
makeDownloads(() => ({ state, curves, spectrum, plane: plane.picture() }));
find("#origin").textContent = `nuportal ${about.version} · inputs through ${about.through}`;
find("#reset").addEventListener("click", () => change({ ...DEFAULTS, plane: state.plane }, "reset"));
// keeps Y, so that the point stays where it is
find("#as-paper").addEventListener("click", () => change({
  m4_rule: "over", m4_over: 10, ratio: 3, yL: FOUR_PI, U_sq: clamped("U_sq", (state.U_sq * state.yL ** 2 * 9) / (FOUR_PI ** 2 * state.ratio ** 2)),
}, "paper"));
find("#all-curves").addEventListener("click", () => change({ off: [] }, "all"));
find("#no-curves").addEventListener("click", () => change({ off: curves.map((curve) => curve.id) }, "none"));
if (innerWidth < 700) find("#curves").open = false;
addEventListener("popstate", restore);
addEventListener("resize", schedule);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  pointed.pinned = false;
  point(null, false);
});
restore();
