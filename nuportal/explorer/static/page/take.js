// What can be taken along: commands, the link, pictures, tables, references.

const MIXING = { e: "Ue4", mu: "Umu4", tau: "Utau4" };

function assignmentsOf(state) {
  const { m_chi, m_phi, m4, yL, U_sq, flavour } = pointOf(state);
  return Object.entries({ m_chi, m_phi, m4, yL, [MIXING[flavour]]: Math.sqrt(U_sq) }).map(([name, value]) => [name, plain(value, 10)]);
}

const LARGEST_MASS = 1e6; // GeV, of nucore.model.parameters
const figureOf = (state, chosen) => `nuportal figure ${state.plane === "coupling" ? 1 : 2} --flavour ${state.flavour} ${chosen}`;

/** Commands and Python that give the verdict of the page and the figure of its plane. */
function commandsOf(state) {
  const set = assignmentsOf(state).map(([name, value]) => `--set ${name}=${value}`).join(" ");
  const chosen = `--inputs ${state.inputs} --convention ${state.convention}`;
  const split = state.inelastic === "on";
  const point = assignmentsOf(state).map(([name, value]) => `${name}=${value}`).join(", ");
  const options = `inputs="${state.inputs}", convention="${state.convention}"${split ? ", inelastic=True" : ""}`;
  const { m4 } = pointOf(state);
  if (m4 > LARGEST_MASS) {
    const none = `# no command: m4 = ${plain(m4)} GeV is above ${plain(LARGEST_MASS)} GeV, the largest mass that nuportal takes`;
    return { check: none, figure: figureOf(state, chosen), python: none };
  }
  return {
    check: `nuportal check ${set} ${chosen}${split ? " --inelastic" : ""}`,
    figure: figureOf(state, chosen),
    python: `import nuportal\npoint = nuportal.PortalParameters(${point})\nprint(nuportal.check(point, ${options}))`,
  };
}

const COMMAND_NAMES = { check: "The verdict", figure: "The paper's figure of this plane", python: "Python" };

function showCommands(state) {
  const commands = commandsOf(state);
  const box = find("#commands");
  if (!box.children.length) {
    box.append(...Object.entries(COMMAND_NAMES).map(([name, label]) => html("div", { class: "command" },
      html("div", { class: "command-head" }, html("span", {}, label), html("button", { type: "button", class: "small", id: `copy-${name}`,
        "aria-label": `Copy: ${label}`, onclick: () => copy(box.querySelector(`#code-${name}`).textContent, label) }, "Copy")),
      html("pre", { tabindex: 0, "aria-label": label }, html("code", { id: `code-${name}` })))));
  }
  for (const [name, text] of Object.entries(commands)) find(`#code-${name}`).textContent = text;
}

const tell = (text) => { find("#told").textContent = text; };

/** Copy a text; without the right to the clipboard, by way of a selection. */
async function copy(text, what) {
  const allowed = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : false;
  tell(allowed || copySelected(text) ? `${what}: copied` : `${what}: the browser does not allow copying; select the text instead`);
}

function copySelected(text) {
  const area = html("textarea", { class: "hidden", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  html("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  tell(`${name}: saved`);
}

const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "fill-opacity", "opacity", "font-family", "font-size", "font-style", "paint-order"];

/** A picture as a file of its own, in the light colours. */
function standalone(picture) {
  document.documentElement.dataset.theme = "light";
  const copied = picture.cloneNode(true);
  const originals = [picture, ...picture.querySelectorAll("*")];
  [copied, ...copied.querySelectorAll("*")].forEach((node, k) => {
    const style = getComputedStyle(originals[k]);
    for (const name of DRAWN) node.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role", "style"]) node.removeAttribute(name);
  });
  delete document.documentElement.dataset.theme;
  copied.querySelectorAll("[r='22'], [r='15']").forEach((node) => node.remove());
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copied)}\n`;
}

const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;

/** Curves on the plane as one table. */
function tableOf(curves, state) {
  const [x, y] = state.plane === "mixing" ? ["m4_GeV", `U${state.flavour}4_sq`] : ["m_chi_GeV", "Y"];
  const rows = curves.flatMap((curve) => curve.x.map((mass, k) =>
    [curve.id, quoted(plainPhysics(curve.label)), curve.style, rounded(mass, 6), known(curve.y[k]) ? rounded(curve.y[k], 6) : ""].join(",")));
  return `# nuportal ${about.version}, ${JSON.stringify(settingsOf(state))}\nid,label,kind,${x},${y}\n${rows.join("\n")}\n`;
}

/** References of curves as BibTeX, each once: what is known of them, no titles. */
function bibliographyOf(curves) {
  const entries = new Map([["arXiv:1709.07001", entry("nuportal-paper", { eprint: "1709.07001", archivePrefix: "arXiv" })]]);
  for (const { id, metadata: { reference, year } } of curves) {
    const texts = (reference ?? "").split("; ").filter(Boolean);
    texts.forEach((note, k) => {
      const [name] = note.match(ARXIV) ?? [];
      const key = name ?? note;
      if (entries.has(key)) return;
      const eprint = name ? { eprint: numberOf(name), archivePrefix: "arXiv" } : {};
      entries.set(key, entry(texts.length > 1 ? `${id}-${k + 1}` : id, { note, year: texts.length > 1 ? null : year, ...eprint }));
    });
  }
  return `${[...entries.values()].join("\n\n")}\n`;
}

const entry = (key, fields) => `@misc{${key},\n${Object.entries(fields).filter(([, value]) => value)
  .map(([name, value]) => `  ${name} = {${String(value).replace(/[&%#_$]/g, "\\$&")}}`).join(",\n")}\n}`;

function makeDownloads(now) {
  const button = (id, label, action) => html("button", { type: "button", id, onclick: action }, label);
  const shown = () => now().curves.filter((curve) => !now().state.off.includes(curve.id));
  const name = () => `explore-${now().state.plane}-${now().state.flavour}`;
  find("#downloads").append(
    button("copy-link", "Copy link", () => copy(location.href, "Link")),
    button("save-svg", "Plane as SVG", () => download(`${name()}.svg`, "image/svg+xml", standalone(now().plane))),
    button("save-spectrum", "Spectrum as SVG", () => (now().spectrum ? download("explore-spectrum.svg", "image/svg+xml", standalone(now().spectrum)) : tell("there is no spectrum at this point"))),
    button("save-csv", "Curves as CSV", () => download(`${name()}.csv`, "text/csv", tableOf(shown(), now().state))),
    button("save-bib", "References as BibTeX", () => download(`${name()}.bib`, "application/x-bibtex", bibliographyOf(shown()))));
}
