// The list of curves, and what is known of the one that is pointed at.

const KINDS = {
  limit: "observed limit", projection: "projection", reach: "expected reach", target: "target", vertical: "bound",
  envelope: "envelope",
};

function swatch(curve) {
  return svg("svg", { class: "swatch", width: 30, height: 12, "aria-hidden": "true" }, svg("path", {
    d: "M1 6H29", class: `curve c-${colourOf(curve)}`, "stroke-width": widthOf(curve), "stroke-dasharray": dashOf(curve) }));
}

const titleOf = (curve) => {
  const { experiment, year, yL } = curve.metadata;
  const label = curve.label || curve.id;
  const names = (experiment ?? "").split(", ");
  const who = names.length > 3 ? `${names.length} experiments` : experiment;
  const coupling = typeof yL === "string" && label !== yL ? yL : null;
  const more = [label.includes(who) ? null : who, year, coupling].filter(Boolean).join(" ");
  return more ? `${label} · ${more}` : label;
};

/** Whether the engine has no points of a curve for these settings; its metadata say why. */
const absent = (curve) => curve.x.length === 0;

/** Check boxes of the curves, grouped by the kind of search. */
function listCurves(curves, state, on) {
  const groups = new Map();
  for (const curve of curves.filter((one) => one.style !== "envelope")) {
    const family = FAMILIES.find(([pattern]) => pattern.test(curve.id))?.[2] ?? "cosmology";
    groups.set(family, [...(groups.get(family) ?? []), curve]);
  }
  const focused = document.activeElement?.dataset?.curve;
  find("#curve-list").replaceChildren(...[...groups].map(([family, members]) => html("div", { class: "family" },
    html("h3", {}, ...physics(family)), members.map((curve) => html("label", {
      class: `switch${absent(curve) ? " absent" : ""}`, onpointerenter: () => on.point(curve, false), onfocusin: () => on.point(curve, false) },
    html("input", { type: "checkbox", "data-curve": curve.id, checked: !state.off.includes(curve.id) && !absent(curve), "aria-disabled": absent(curve) && "true",
      onclick: (event) => (absent(curve) ? event.preventDefault() : on.toggle(curve.id)) }),
    swatch(curve), html("span", {}, ...physics(titleOf(curve))))))));
  if (focused) find(`[data-curve="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Card of a curve: where it comes from, and its value at the mass of the point. */
function tellCurve(curve, state) {
  const box = find("#about-curve");
  if (!curve) {
    box.replaceChildren(html("p", { class: "hint" }, "Point at a curve, or go through the list below, to see where it comes from."));
    return;
  }
  const { confidence_level: level, reference, observed, verified, derived_here: own, notes } = curve.metadata;
  const [mass] = placeOf(state);
  const value = valueAt(curve, mass);
  const [across, up] = PLANES[state.plane].titles(LETTERS[state.flavour]);
  const badges = [curve.style === "limit" && observed === false ? "boundary" : KINDS[curve.style] ?? curve.style, level && `${readable(100 * level)}% CL`,
    own && "derived here", verified === true && "verified", verified === false && "not verified"].filter(Boolean);
  const at = absent(curve) ? physics(curve.metadata.reason) : curve.style === "vertical" ? [`at ${readable(curve.x[0])} GeV`]
    : value === null ? ["no value at ", ...physics(across.replace(" [GeV]", "")), ` = ${readable(mass)} GeV`]
      : [...physics(up.split(" = ")[0]), ` = ${readable(value)} at `, ...physics(across.replace(" [GeV]", "")), ` = ${readable(mass)} GeV`];
  box.replaceChildren(
    html("p", { class: "curve-title" }, swatch(curve), html("strong", {}, ...physics(titleOf(curve))), " ", badges.map((text) => html("span", { class: "badge" }, text))),
    html("p", {}, ...at, reference ? " · " : "", ...linked(reference)),
    ...(notes?.length ? [html("p", { class: "hint" }, ...physics([notes].flat().join(" ")))] : []));
}

const ARXIV = /arXiv:\d{4}\.\d{4,5}|hep-(?:ex|ph)\/\d{7}/g;
const numberOf = (name) => name.replace("arXiv:", "");

/** A reference, with arXiv numbers as links. */
function linked(reference) {
  const found = [];
  let end = 0;
  for (const { 0: name, index } of (reference ?? "").matchAll(ARXIV)) {
    found.push(reference.slice(end, index), html("a", { href: `https://arxiv.org/abs/${numberOf(name)}`, rel: "noreferrer" }, name));
    end = index + name.length;
  }
  return [...found, (reference ?? "").slice(end)];
}
