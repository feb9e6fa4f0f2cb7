// Controls: choices, and fields with a number and a slider of its logarithm.

const POSITIONS = 1000;
const toSlider = ({ low, high }, value) => Math.round((POSITIONS * Math.log(value / low)) / Math.log(high / low));
const fromSlider = ({ low, high }, position) => rounded(low * (high / low) ** (position / POSITIONS), 3);

/** Build all controls; `change(changes, cause)` is called with what the user sets. */
function makeControls(change) {
  for (const box of document.querySelectorAll(".choice")) makeChoice(box, change);
  for (const box of document.querySelectorAll(".field")) makeField(box, change);
  for (const name of ["inelastic", "projections"]) {
    find(`[name=${name}]`).addEventListener("change", (event) => change({ [name]: event.target.checked ? "on" : "off" }, name));
  }
  find("#controls").addEventListener("submit", (event) => event.preventDefault());
}

function makeChoice(box, change) {
  const { name } = box.dataset;
  box.append(html("div", { class: "segments" }, Object.entries(CHOICES[name]).map(([value, label]) => html("label", {},
    html("input", { type: "radio", name, value, onchange: () => change({ [name]: value }, name) }), html("span", {}, ...physics(label))))));
}

function makeField(box, change) {
  const { name } = box.dataset;
  const field = FIELDS[name];
  const id = `field-${name}`;
  const wrong = html("p", { class: "wrong", id: `${id}-wrong`, "aria-live": "polite" });
  const number = html("input", { id, type: "text", inputmode: "decimal", "aria-describedby": wrong.id, "aria-label": `${field.name}${field.unit && ` in ${field.unit}`}`,
    oninput: () => entered(), onchange: () => entered(true) });
  const slider = html("input", { type: "range", min: 0, max: POSITIONS, "aria-label": `${field.name}, slider`,
    oninput: () => change({ [name]: name === "yL" && Number(slider.value) === POSITIONS ? FOUR_PI : clamped(name, fromSlider(field, slider.value)) }, name) });
  function entered(last = false) {
    const text = problem(name, number.value);
    tellProblem(box, text);
    if (!text) change({ [name]: numberIn(name, number.value) }, last ? `${name} entered` : name);
  }
  const extra = name === "yL" ? html("button", { type: "button", class: "small", id: "four-pi", "aria-label": "set yL to 4 pi", onclick: () => change({ yL: FOUR_PI }, "4pi") }, "4π") : null;
  box.append(html("label", { for: id }, ...physics(field.symbol)), html("span", { class: "entry" }, extra, number, html("span", { class: "unit" }, field.unit)), slider, wrong);
}

function tellProblem(box, text) {
  box.querySelector(".wrong").textContent = text ?? "";
  box.querySelector("input[type=text]").setAttribute("aria-invalid", String(Boolean(text)));
}

/** Show a state on the controls; a field that the user types in is left alone. */
function showControls(state) {
  for (const name of Object.keys(CHOICES)) {
    const chosen = find(`input[name=${name}][value="${state[name]}"]`);
    if (chosen) chosen.checked = true;
  }
  for (const name of ["inelastic", "projections"]) find(`[name=${name}]`).checked = state[name] === "on";
  for (const box of document.querySelectorAll(".field")) {
    const { name } = box.dataset;
    const number = box.querySelector("input[type=text]");
    const slider = box.querySelector("input[type=range]");
    const text = name === "yL" && isFourPi(state.yL) ? "4π" : plain(state[name], 6);
    if (number !== document.activeElement) {
      number.value = text;
      tellProblem(box, null);
    }
    slider.value = toSlider(FIELDS[name], state[name]);
    slider.setAttribute("aria-valuetext", `${text} ${FIELDS[name].unit}`);
  }
  find('[data-name="U_sq"] label').replaceChildren(...physics(`|*U*_{${LETTERS[state.flavour]}4}|^2`));
  find('.field[data-name="m4"]').hidden = state.m4_rule !== "fixed";
  find('.field[data-name="m4_over"]').hidden = state.m4_rule !== "over";
  find("#four-pi").setAttribute("aria-pressed", String(isFourPi(state.yL)));
}
