// The spectrum at the point: Standard Model, with nu4, and their ratio.

const SPECTRA = {
  lepton_pt: { title: (unit) => `lepton *p*_T [${unit}]`, of: "*W* → ℓ ν" },
  muon_momentum: { title: (unit) => `*μ* momentum [${unit}]`, of: "*K*^+ → *μ* + invisible" },
};

const range = (...all) => {
  const values = all.flat().filter(known);
  return [Math.min(...values), Math.max(...values)];
};

function drawSpectrum(box, kind, found) {
  if (!found.x.length) {
    box.replaceChildren(html("p", { class: "greyed" }, ...physics(found.reason)));
    return null;
  }
  const stairs = (values) => [found.x.flatMap((edge) => [edge, edge]).slice(1, -1), values.flatMap((value) => [value, value])];
  const width = Math.max(280, box.clientWidth);
  const height = width < 460 ? 360 : 380;
  const x = scale(...range(found.x), 74, width - 14, false);
  const main = upperScale(found, 10, Math.round(height * 0.64));
  const small = largestChange(found) < 0.01;
  const change = small ? found.ratio.map((value) => value - 1) : found.ratio;
  const middle = small ? 0 : 1;
  const around = ratioScale(change, middle, Math.round(height * 0.64) + 14, height - 48);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": `${plainPhysics(SPECTRA[kind].title(found.unit))}: Standard Model and with nu4; largest change ${readable(largestChange(found), 2)}` },
  svg("rect", { class: "ground", width, height }),
  drawAxes(x, main, ["", `events per bin`], { xLabels: false, yRoom: 34 }),
  drawAxes(x, around, [SPECTRA[kind].title(found.unit), small ? "ratio − 1" : "ratio"], { yRoom: 26 }));
  const one = around(middle);
  if (one <= around.from && one >= around.to) picture.append(svg("path", { d: `M${x.from} ${one}H${x.to}`, class: "guide" }));
  if (known(found.mark) && found.mark > x.low && found.mark < x.high) {
    const at = x(found.mark);
    const right = at > (x.from + x.to) / 2;
    picture.append(svg("path", { d: `M${at} ${main.to}V${around.from}`, class: "guide dashed" }),
      svgText(`${readable(found.mark)} ${found.unit}`, { x: at + (right ? -5 : 5), y: main.from - 8, "text-anchor": right ? "end" : "start", class: "name" }, 11.5));
  }
  const curves = [["standard_model", "Standard Model", "line", null], ["total", "with nu4", "blue", null], ["signal", "nu4 alone", "vermillion", "7 4"]]
    .filter(([name]) => found[name].some((value) => value > 0));
  for (const [name, , colour, dash] of curves) {
    picture.append(svg("path", { d: pathOf(clipped(pieces(x, main, ...stairs(found[name])), main)), class: `curve c-${colour}`, "stroke-width": 2, "stroke-dasharray": dash }));
  }
  picture.append(svg("path", { d: pathOf(pieces(x, around, ...stairs(change))), class: "curve c-blue", "stroke-width": 2 }));
  box.replaceChildren(picture, legend(kind, curves, found), found.reason ? html("p", { class: "hint" }, ...physics(found.reason)) : "");
  return picture;
}

//: Change of the ratio to which the tables are good.
const NEGLIGIBLE = 1e-6;
const largestChange = (found) => Math.max(...found.ratio.map((value) => Math.abs(value - 1)));

const exposureOf = ({ experiment, luminosity_invfb: luminosity, decays }) => [experiment,
  luminosity && `${readable(luminosity)} fb⁻¹`, decays && `${readable(decays)} decays`].filter(Boolean).join(", ");

function legend(kind, curves, found) {
  return html("p", { class: "legend" }, html("span", {}, html("span", {}, ...physics(SPECTRA[kind].of))), curves.map(([, label, colour, dash]) => html("span", {},
    svg("svg", { class: "swatch", width: 30, height: 12, "aria-hidden": "true" }, svg("path", { d: "M1 6H29", class: `curve c-${colour}`, "stroke-width": 2, "stroke-dasharray": dash })),
    html("b", {}, ...physics(label)))), html("span", { class: "hint" }, [exposureOf(found), `largest change: ${largestChange(found) < NEGLIGIBLE ? `below ${readable(NEGLIGIBLE)}` : readable(largestChange(found), 2)}`].filter(Boolean).join("; ")));
}

/** Linear from 0, or logarithmic where what is drawn spans more than two decades. */
function upperScale(found, top, bottom) {
  const positive = [found.standard_model, found.total, found.signal].flat().filter((value) => known(value) && value > 0);
  const high = Math.max(...positive);
  const peak = Math.max(...found.total.filter(known));
  const typical = found.total.filter(known).sort((a, b) => a - b)[Math.floor(found.total.length / 2)];
  if (peak > 100 * typical) return scale(Math.max(Math.min(...positive), high * 1e-8), high * 3, bottom, top, true);
  return scale(0, high * 1.08, bottom, top, false);
}

function ratioScale(ratio, middle, top, bottom) {
  const [low, high] = range(ratio, [middle - NEGLIGIBLE, middle + NEGLIGIBLE]);
  if (high > 20 && low > 0) return scale(low / 1.5, high * 1.5, bottom, top, true);
  const spread = (high - low) * 0.15;
  return scale(low - spread, high + spread, bottom, top, false);
}

const clipped = (all, axis) => all.map((piece) => piece.map(([a, b]) => [a, Math.min(b, axis.from)]));
