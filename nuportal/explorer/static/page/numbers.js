// Derived numbers: symbol, value with unit, and what it means in a line.

const NUMBERS = [
  ["relic_abundance_omega_h2", "Ω*h*^2", "", "relic density of χ if it was in equilibrium; observed: 0.12"],
  ["Y_over_thermal", "*Y* / *Y*_thermal", "", "below 1 χ is overabundant (⟨*σv*⟩ = 3×10^{−26} cm^3/s)"],
  ["Y", "*Y*", "", "*y*_L^4 |*U*_{ℓ4}|^4 (*m*_χ/*m*_φ)^4: sets the annihilation rate"],
  ["sigma_v_cm3_per_s", "⟨*σv*⟩", "cm^3/s", "annihilation χ χ̄ → ν ν̄"],
  ["width_nu4_dark_GeV", "Γ(*ν*_4 → χ φ)", "GeV", "invisible width of *ν*_4"],
  ["width_nu4_weak_GeV", "Γ(*ν*_4 → weak)", "GeV", "width of *ν*_4 through *W*, *Z*, *h*"],
  ["br_nu4_visible", "BR(*ν*_4 → visible)", "", "small: *ν*_4 leaves no trace"],
  ["width_phi_GeV", "Γ(φ → χ ν)", "GeV", "width of φ"],
  ["sigma_n_cm2", "*σ*_n", "cm^2", "χ on a nucleon through the *Z* loop"],
  ["N_eff", "*N*_eff", "", "effective neutrinos, if χ and φ stay in equilibrium"],
  ["m_cut_Msun", "*M*_cut", "*M*_{☉}", "mass of the smallest haloes"],
  ["fine_tuning", "δ*m*_φ^2 / *m*_φ^2", "", "loop correction to the mass of φ over the mass"],
  ["perturbative", "perturbative", "", "couplings below 4π"],
];

const shownValue = (value) => (value === true ? "yes" : value === false ? "no" : readable(value));

function drawNumbers(result) {
  const box = find("#numbers");
  box.classList.toggle("stale", !result.valid);
  if (!result.valid) return;
  const greyed = result.greyed ?? {};
  box.replaceChildren(...NUMBERS.filter(([name]) => name in result.derived || name in greyed).map(([name, symbol, unit, meaning]) => {
    const reason = greyed[name] ?? null;
    const value = result.derived[name];
    return html("div", { "data-number": name, class: reason ? "greyed" : null },
      html("dt", {}, ...physics(symbol)),
      html("dd", {}, html("span", { class: "value" }, reason ? "–" : shownValue(value), unit && !reason ? [" ", ...physics(unit)] : []),
        html("span", { class: "hint" }, ...physics(reason ?? meaning))));
  }));
}
