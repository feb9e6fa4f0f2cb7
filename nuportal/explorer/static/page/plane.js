// The exclusion plane: curves, excluded region, and the point.

const PLANES = {
  mixing: { x: [1e-3, 1e3], y: [1e-9, 1], titles: (l) => ["*m*_4 [GeV]", `|*U*_{${l}4}|^2`],
    note: "Curves are for a narrow ν₄ that decays invisibly; the verdict uses the widths of the point, and more limits, as that on too much dark matter." },
  coupling: {
    x: [1e-3, 1e3], y: [1e-14, 10],
    titles: (l) => ["*m*_χ [GeV]", `*Y* = *y*_L^4 |*U*_{${l}4}|^4 (*m*_χ / *m*_φ)^4`],
    note: "Curves are for the mass ratio, ν₄ mass and coupling of the parameters; hatched: too much dark matter.",
  },
};
const LETTERS = { e: "e", mu: "μ", tau: "τ" };

//: What kind of search a curve comes from, by its id; the colour stands for it.
const FAMILIES = [
  [/^(e949|na62|kek|pienu|psi|sin|belle|pioneer|babar)/, "purple", "meson and tau decays"],
  [/^h-|higgs/, "blue", "h → invisible"],
  [/^z-/, "amber", "Z → invisible"],
  [/^w-(?!universality)/, "vermillion", "W → ℓ ν spectrum"],
  [/universality|^ckm|^electroweak|^twist|^deepcore|^super-kamiokande|^tau-|^m-cut/, "green", "rates and universality"],
  [/direct|recoil|xenon|^lz|panda|darkside|supercdms|fog|cresst/, "vermillion", "direct detection"],
  [/line|hyper-k|juno|dune/, "amber", "neutrinos from annihilation"],
  [/^mixing/, "blue", "limits on the mixing"],
  [/^visible/, "sky", "visible decays of nu4"],
];
const DASHES = { projection: "7 4", reach: "9 3 2 3", vertical: "9 3 2 3", envelope: "1 3" };
const colourOf = (curve) => (curve.id === "thermal" ? "thermal" : { vertical: "line", envelope: "line" }[curve.style])
  ?? FAMILIES.find(([pattern]) => pattern.test(curve.id))?.[1] ?? "sky";
const dashOf = (curve) => DASHES[curve.style] ?? null;
const widthOf = (curve) => (curve.id === "thermal" ? 4 : curve.style === "envelope" ? 1.2 : 1.8);
//: Observed limits shade what they exclude; the limits that the mixing sets on Y are observed ones.
const excludes = (curve) => curve.style === "limit" && curve.metadata.observed !== false && !/fog|^visible/.test(curve.id);

/** The plane, drawn into a box; `on` has what to do as the point moves and as curves are pointed at. */
function makePlane(box, on) {
  let frame = null;

  function draw(state, curves, marked) {
    const width = Math.max(280, box.clientWidth);
    const height = Math.round(Math.min(Math.max(0.78 * width, 330), 560));
    const plane = PLANES[state.plane];
    const x = scale(...plane.x, width < 460 ? 54 : 62, width - 14, true);
    const y = scale(...plane.y, height - 48, 10, true);
    const shown = curves.filter((curve) => curve.style !== "envelope" && !state.off.includes(curve.id));
    const drawn = shown.map((curve) => ({ curve, pieces: curve.style === "vertical" ? upright(curve, x, y) : pieces(x, y, curve.x, curve.y) }));
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group",
      "aria-label": `Limits on ${plainPhysics(plane.titles(LETTERS[state.flavour])[1])} against ${plainPhysics(plane.titles("")[0])}` });
    picture.append(definitions(x, y));
    picture.append(svg("rect", { class: "ground", width, height }));
    picture.append(shading(drawn, x, y, state.plane));
    picture.append(lines(drawn), drawAxes(x, y, plane.titles(LETTERS[state.flavour])), names(drawn, x, y, width));
    const frameBefore = frame;
    frame = { x, y, drawn, picture, marker: marker() };
    picture.append(frame.marker);
    const focused = document.activeElement === frameBefore?.marker;
    picture.addEventListener("pointermove", (event) => hover(event));
    picture.addEventListener("pointerdown", (event) => press(event));
    box.replaceChildren(picture);
    mark(marked);
    move(state, null);
    if (focused) frame.marker.focus({ preventScroll: true });
  }

  function definitions(x, y) {
    return svg("defs", {},
      svg("clipPath", { id: "inside" }, svg("rect", { x: x.from, y: y.to, width: x.to - x.from, height: y.from - y.to })),
      svg("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("path", { d: "M0 0V7", class: "hatch" })));
  }

  function shading(drawn, x, y, plane) {
    const excluded = svg("g", { class: "excluded", "clip-path": "url(#inside)" });
    const below = svg("g", { "clip-path": "url(#inside)" });
    for (const { curve, pieces: all } of drawn) {
      if (excludes(curve)) excluded.append(svg("path", { d: areaOf(all, y.to) }));
      if (curve.style === "vertical" && all.length && plane === "coupling") {
        excluded.append(svg("rect", { x: x.from, y: y.to, width: Math.max(0, all[0][0][0] - x.from), height: y.from - y.to }));
      }
      if (curve.id === "thermal") below.append(svg("path", { d: areaOf(all, y.from), class: "overabundant" }));
    }
    return svg("g", {}, below, excluded);
  }

  function lines(drawn) {
    return svg("g", { "clip-path": "url(#inside)" }, drawn.map(({ curve, pieces: all }) => svg("path", {
      d: pathOf(all), class: `curve c-${colourOf(curve)}`, "data-id": curve.id,
      "stroke-width": widthOf(curve), "stroke-dasharray": dashOf(curve),
    })));
  }

  function names(drawn, x, y, width) {
    const samples = drawn.map((one) => sampled(one.pieces, x, y));
    const labels = drawn.map(({ curve }) => (width < 460 && curve.label.length > 22 ? "" : curve.label));
    return svg("g", { class: "names" }, placedLabels(labels, samples, x, y, [], width < 460 ? 8 : 30).map(([k, box]) =>
      svgText(labels[k], { x: box[0] + 2, y: box[3] - 3, class: `name t-${colourOf(drawn[k].curve)}` }, LABEL_SIZE)));
  }

  function marker() {
    return svg("g", {
      id: "point", tabindex: 0, role: "slider", "aria-roledescription": "point in two dimensions",
      "aria-label": "Parameter point: arrow keys move it, with Shift further", "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown",
      onkeydown: key,
    }, svg("path", { class: "cross" }), svg("circle", { class: "grip", r: 22 }), svg("circle", { class: "focus", r: 15 }), svg("circle", { class: "dot", r: 7.5 }));
  }

  /** Put the point where the state has it. */
  function move(state, allowed) {
    const [a, b] = placeOf(state);
    const { x, y, marker: node } = frame;
    const inside = a >= x.low * 0.999 && a <= x.high * 1.001 && b >= y.low * 0.999 && b <= y.high * 1.001;
    const left = Math.min(Math.max(x(a), x.from), x.to);
    const top = Math.min(Math.max(y(b), y.to), y.from);
    node.setAttribute("data-at", `${left} ${top}`);
    node.querySelectorAll("circle").forEach((circle) => fill(circle, { cx: left, cy: top }, []));
    node.querySelector(".cross").setAttribute("d", `M${x.from} ${top}H${x.to}M${left} ${y.to}V${y.from}`);
    node.setAttribute("class", `${allowed === false ? "excluded-point" : allowed ? "allowed-point" : "undecided-point"}${inside ? "" : " outside"}`);
    const [across, up] = state.plane === "mixing" ? ["m4", "mixing squared"] : ["m_chi", "Y"];
    fill(node, { "aria-valuenow": rounded(a), "aria-valuemin": x.low, "aria-valuemax": x.high,
      "aria-valuetext": `${across} ${readable(a)} GeV, ${up} ${readable(b)}${inside ? "" : ", outside the axes"}` }, []);
  }

  function key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!steps) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.25 : 0.025;
    const [a, b] = placeOf(on.state());
    on.move(inAxes(a * 10 ** (steps[0] * size), b * 10 ** (steps[1] * size)), "keys");
  }

  const inAxes = (a, b) => [Math.min(Math.max(a, frame.x.low), frame.x.high), Math.min(Math.max(b, frame.y.low), frame.y.high)];

  function at(event) {
    const bounds = frame.picture.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  }

  /** Curve under the pointer, if it is as near as this. */
  function nearest([a, b], reach) {
    let best = [reach, null];
    for (const { curve, pieces: all } of frame.drawn) {
      for (const piece of all) {
        for (let k = 1; k < piece.length; k++) {
          const distance = fromSegment(a, b, piece[k - 1], piece[k]);
          if (distance < best[0]) best = [distance, curve];
        }
      }
    }
    return best[1];
  }

  function hover(event) {
    if (event.pointerType !== "mouse" || event.buttons) return;
    const near = nearest(at(event), 8);
    if (near) on.point(near, false);
  }

  function press(event) {
    const [a, b] = at(event);
    const [left, top] = frame.marker.getAttribute("data-at").split(" ").map(Number);
    if (Math.hypot(a - left, b - top) < 24) return drag(event, [left - a, top - b]);
    const near = nearest([a, b], event.pointerType === "mouse" ? 6 : 14);
    if (near) on.point(near, true);
    else if (a > frame.x.from && a < frame.x.to && b > frame.y.to && b < frame.y.from) on.move([frame.x.inverse(a), frame.y.inverse(b)], "click");
    return undefined;
  }

  function drag(event, [da, db]) {
    event.preventDefault();
    frame.marker.focus({ preventScroll: true });
    const follow = (moved) => {
      const [a, b] = at(moved);
      on.move(inAxes(frame.x.inverse(a + da), frame.y.inverse(b + db)), "drag");
    };
    const stop = () => {
      removeEventListener("pointermove", follow);
      for (const end of ["pointerup", "pointercancel"]) removeEventListener(end, stop);
      on.settle();
    };
    addEventListener("pointermove", follow);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, stop);
  }

  /** Draw one curve stronger. */
  function mark(id) {
    for (const path of box.querySelectorAll(".curve")) path.classList.toggle("marked", path.dataset.id === id);
  }

  return { draw, move, mark, picture: () => frame.picture };
}

function upright(curve, x, y) {
  const mass = curve.x[0];
  return known(mass) && mass > x.low && mass < x.high ? [[[x(mass), y.from], [x(mass), y.to]]] : [];
}

function fromSegment(a, b, [c, d], [e, f]) {
  const length = (e - c) ** 2 + (f - d) ** 2;
  const share = length ? Math.min(1, Math.max(0, ((a - c) * (e - c) + (b - d) * (f - d)) / length)) : 0;
  return Math.hypot(a - c - share * (e - c), b - d - share * (f - d));
}
