// The verdict: one line, and a bar for each constraint.

const MARGINS = { low: 1e-2, high: 1e4 };
const _opened = new Set();

/** Constraints with a margin, the smallest first. */
const bounding = (result) => result.constraints.filter((one) => one.applies && known(one.margin)).sort((a, b) => a.margin - b.margin);

function tellVerdict(result) {
  const box = find("#verdict");
  const [closest] = bounding(result);
  const [sign, kind, text] = !result.valid ? ["–", "undecided", physics(result.reason)]
    : result.allowed === false ? ["✕", "excluded", ["Excluded by ", namesOf(result.excluded_by)]]
      : result.allowed === null ? ["?", "undecided", ["Undecided: ", ...physics(result.undecided ?? "")]]
        : ["✓", "allowed", ["Allowed", closest ? `; closest: ${closest.id}, margin ${readable(closest.margin)}` : ""]];
  box.className = kind;
  box.replaceChildren(html("span", { class: "sign", "aria-hidden": "true" }, sign), html("span", {}, ...text));
}

const namesOf = (ids) => (ids.length > 3 ? `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more` : ids.join(", "));

const share = (margin) => {
  const inside = Math.min(Math.max(margin, MARGINS.low), MARGINS.high);
  return (100 * Math.log10(inside / MARGINS.low)) / Math.log10(MARGINS.high / MARGINS.low);
};

function drawBars(result, on) {
  find("#verdict-panel").classList.toggle("stale", !result.valid);
  if (!result.valid) return;
  const focused = document.activeElement?.dataset?.constraint;
  find("#bars-axis").replaceChildren(html("span"), html("span", { class: "track" }, [1e-1, 1, 10, 100, 1e3].map((value) =>
    html("span", { style: `left:${share(value)}%` }, value < 1000 ? String(value) : power(3)))));
  find("#bars").replaceChildren(...bounding(result).map((one) => bar(one, on)));
  if (focused) find(`[data-constraint="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  list("#silent", result.constraints.filter((one) => one.applies && !Number.isFinite(one.margin)), "have no effect here", (one) => one.reason ?? one.observable);
  list("#outside", result.constraints.filter((one) => !one.applies), "do not apply", (one) => one.reason);
}

function bar(one, on) {
  const excluded = one.margin < 1;
  const [from, to] = excluded ? [share(one.margin), share(1)] : [share(1), share(one.margin)];
  const open = _opened.has(one.id);
  const button = html("button", {
    type: "button", class: `bar ${excluded ? "excluded" : "allowed"}`, "data-constraint": one.id, "aria-expanded": String(open),
    "aria-label": `${one.id}: margin ${readable(one.margin)}, ${excluded ? "excluded" : "allowed"}`,
    onclick: () => { _opened[open ? "delete" : "add"](one.id); on.refresh(); },
    onfocus: () => on.mark(one.id), onpointerenter: () => on.mark(one.id), onpointerleave: () => on.mark(null), onblur: () => on.mark(null),
  },
  html("span", { class: "id" }, one.id),
  html("span", { class: "track" }, html("span", { class: "one", style: `left:${share(1)}%` }),
    html("span", { class: `fill${one.margin < MARGINS.low || one.margin > MARGINS.high ? " beyond" : ""}`, style: `left:${from}%;width:${Math.max(0.8, to - from)}%` })),
  html("span", { class: "margin" }, readable(one.margin)));
  return html("li", {}, button, open ? details(one) : null);
}

const listed = (value) => (Array.isArray(value) ? value : [value]);

function details(one) {
  const observables = listed(one.observable);
  const rows = observables.map((name, k) => html("p", {}, ...physics(name), html("br"),
    `predicted ${readable(listed(one.prediction)[k], 6)}, limit ${readable(listed(one.limit)[k], 6)}`));
  const level = one.confidence_level ? `${readable(100 * one.confidence_level)}% CL` : null;
  return html("div", { class: "details" }, rows, [one.sense, level].filter(Boolean).join(", "));
}

function list(where, found, what, reason) {
  const box = find(where);
  box.hidden = found.length === 0;
  box.querySelector("summary").textContent = `${found.length} ${what}`;
  box.querySelector("dl").replaceChildren(...found.flatMap((one) => [
    html("dt", {}, one.id), html("dd", {}, ...physics(listed(reason(one) ?? "").join("; ")))]));
}
