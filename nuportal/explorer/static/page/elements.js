// Elements, numbers and symbols of physics as HTML and SVG.

const SVG = "http://www.w3.org/2000/svg";
const find = (selector) => document.querySelector(selector);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return node;
}

const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const power = (exponent) => "10" + [...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("");

/** A number as people read it: 0.0123, 1.23×10⁻⁵. */
function readable(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(Number(value.toPrecision(digits)));
  const sign = value < 0 ? "−" : "";
  if (size >= 1e-3 && size < 1e4) return sign + String(Number(size.toPrecision(digits)));
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
  const shown = Number(mantissa);
  return sign + (shown === 1 ? "" : `${shown}×`) + power(Number(exponent));
}

/** A number as a program reads it, without digits that rounding made. */
const plain = (value, digits = 12) => String(Number(Number(value).toPrecision(digits)));
const rounded = (value, digits = 4) => Number(Number(value).toPrecision(digits));

const GREEK = {
  alpha: "α", chi: "χ", gamma: "γ", lambda: "λ", mu: "μ", nu: "ν", nubar: "ν̄", phi: "φ", pi: "π", sigma: "σ", tau: "τ",
  ell: "ℓ", delta: "δ", odot: "☉", mathrm: "", rm: "", times: "×", to: "→", rightarrow: "→", ",": " ", Omega: "Ω",
};
const WORDS = new RegExp(`(?<![A-Za-z])(chi2|chibar|nu4|${"chi nubar nu phi pi mu tau".split(" ").join("|")})(?=$|[^A-Za-z])`, "g");
const LONGER = { chi2: "χ^2", chibar: "χ̄", nu4: "ν_4" };

/** Split names of physics into parts: plain text, sub(scripts), sup(erscripts) and i(talics); *m*_4 is italic m, 4 below. */
function parts(text) {
  const read = String(text)
    .replaceAll("$", "")
    .replace(/\\([A-Za-z]+|,)\s?/g, (_, name) => GREEK[name] ?? name)
    .replaceAll("->", "→")
    .replace(/\b1e([+-]?)0*(\d+)\b/g, (_, sign, digits) => `10^{${sign === "-" ? "-" : ""}${digits}}`)
    .replace(/\byL\b/g, "*y*_L")
    .replace(/\bMsun\b/g, "*M*_☉")
    .replace(/_(mu|tau|chi|phi|nu)(?![A-Za-z])/g, (_, name) => `_${GREEK[name]}`)
    .replace(/\bU_(mu|tau)4/g, (_, name) => `U_{${GREEK[name]}4}`)
    .replace(/\bU_e4/g, "U_{e4}")
    .replace(WORDS, (word) => LONGER[word] ?? GREEK[word])
    .replace(/([πKDBτWμ])\+(?=\s|$|\))/g, "$1^+")
    .replace(/([τ])-(?=\s|$|\))/g, "$1^−");
  const found = [];
  const pattern = /\*([^*]+)\*|_(\{[^}]*\}|[\p{L}\p{N}☉]+)|\^(\{[^}]*\}|[-−+]?\p{N}+|[+−*])|[^*_^]+|./gu;
  for (const [whole, italic, below, above] of read.matchAll(pattern)) {
    if (italic) found.push(["i", italic]);
    else if (below) found.push(["sub", below.replace(/[{}]/g, "")]);
    else if (above) found.push(["sup", above.replace(/[{}]/g, "").replace("-", "−")]);
    else found.push(["", whole.replace(/[{}]/g, "")]);
  }
  return found;
}

const physics = (text) => parts(text).map(([tag, content]) => (tag ? html(tag, {}, content) : content));

const plainPhysics = (text) => parts(text).map(([, content]) => content).join("");

/** Text of an SVG picture; subscripts are shifted by tspans, which all programs draw. */
function svgText(text, attributes, size = 12) {
  let height = 0;
  const pieces = parts(text).map(([tag, content]) => {
    const wanted = tag === "sub" ? 0.28 * size : tag === "sup" ? -0.42 * size : 0;
    const small = tag === "sub" || tag === "sup";
    const made = svg("tspan", {
      dy: wanted - height || null, "font-size": small ? 0.74 * size : null, "font-style": tag === "i" ? "italic" : null,
    }, content);
    height = wanted;
    return made;
  });
  return svg("text", { "font-size": size, ...attributes }, pieces);
}

const _canvas = document.createElement("canvas").getContext("2d");
/** Width of a text in pixels. */
function textWidth(text, size) {
  _canvas.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return _canvas.measureText(plainPhysics(text)).width;
}
