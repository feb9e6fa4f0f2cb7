// chi as dark matter: annihilation, scattering on nuclei, neutrino species, the smallest haloes.
// Formulas and references: nucore.cosmology.{annihilation, direct_detection, effective_neutrinos, kinetic_decoupling,
// higgs_portal, naturalness, z_annihilation}.

const darkCoupling = (yLSqUSq, ratio) => yLSqUSq ** 2 * ratio ** 4;

/** s-wave sigma v of chi chibar -> nu nubar in GeV^-2. */
const annihilation = (mChi, mPhi, yLSqUSq) => yLSqUSq ** 2 * mChi ** 2 / (32 * Math.PI * (mPhi ** 2 + mChi ** 2) ** 2);

/** Y at which chi annihilates with a sigma v in GeV^-2; ratio = m_chi/m_phi. */
const couplingOfSigmaV = (mChi, ratio, sigmaV) => 32 * Math.PI * mChi ** 2 * (1 + ratio ** 2) ** 2 * sigmaV;

/** sigma v (cm^3/s) that leaves the observed dark matter; null outside the table. */
function relicSigmaV(tables, mChi) {
  const { m_chi_GeV: masses, sigma_v_cm3_per_s: values } = tables.relic;
  return mChi < masses[0] || mChi > masses[masses.length - 1] ? null : logLog(mChi, masses, values);
}

const VECTOR_RULE = (() => {
  const n = 60, reach = 3.6, step = reach / n, rule = [];
  for (let i = -n; i <= n; i++) {
    const t = i * step, u = 0.5 * Math.PI * Math.sinh(t);
    const z = 1 / (1 + Math.exp(-2 * u)), rest = 1 / (1 + Math.exp(2 * u));
    rule.push([z, rest, Math.PI * Math.cosh(t) * z * rest * step]);
  }
  return rule;
})();

/** Loop function of the vector coupling of chi to the Z at zero momentum transfer. */
function vectorLoop(mChi, mPhi, m4) {
  const chi = (mChi / m4) ** 2, phi = (mPhi / m4) ** 2;
  let sum = 0;
  for (const [z, rest, weight] of VECTOR_RULE) {
    const below = z * (phi - chi) + z * z * chi, above = below + rest;
    const ratio = Math.log1p(rest / below), recoil = z * z * chi;
    const one = rest * (ratio + recoil / above + recoil / below), mixed = below * ratio - rest - recoil * ratio;
    sum += weight * (one + 2 * mixed);
  }
  return 0.5 * sum;
}

/** Coupling a_Z of chi to the Z over g/cos theta_W. */
const zCoupling = (p) => p.s2 * (1 - p.s2) * p.yL ** 2 / (16 * Math.PI ** 2) * vectorLoop(p.m_chi, p.m_phi, p.m4);

/** Cross section per nucleon (cm^2) of a nucleus. */
function nucleonCrossSection(tables, aZ, mChi, nucleus) {
  const c = tables.constants, [protons, nucleons] = tables.nuclei[nucleus];
  const reduced = c.M_NUCLEON * mChi / (c.M_NUCLEON + mChi), neutron = c.G_F * aZ / Math.SQRT2;
  const perNucleon = neutron * (nucleons - protons - (1 - 4 * c.SIN2_THETA_EFF) * protons) / nucleons;
  return reduced ** 2 / Math.PI * perNucleon ** 2 * c.HBARC_SQ_GEV2_PB * 1e-36;
}

/** Y at a limit on the cross section per nucleon (cm^2), for small |U|^2. */
function couplingOfRecoil(tables, sigma, mChi, mPhi, m4, nucleus) {
  const aZ = Math.sqrt(sigma / nucleonCrossSection(tables, 1, mChi, nucleus));
  return (16 * Math.PI ** 2 * aZ / vectorLoop(mChi, mPhi, m4) * (mChi / mPhi) ** 2) ** 2;
}

/** (g/2 cos theta_W)^2, and the sum of N_c (v^2 + a^2) over all fermions but the top. */
function zStrength(tables) {
  const c = tables.constants;
  return { gauge: Math.SQRT2 * c.G_F * c.M_Z ** 2, fermions: tables.z_fermion_couplings };
}

/** sigma v (GeV^-2) of chi chibar -> Z* -> f fbar at rest. */
function zExchange(tables, aZ, mChi) {
  const c = tables.constants, { gauge, fermions } = zStrength(tables);
  const distance = c.M_Z ** 2 - 4 * mChi ** 2, propagatorSq = 1 / (distance ** 2 + (c.M_Z * c.GAMMA_Z) ** 2);
  return (aZ * gauge) ** 2 * fermions * mChi ** 2 * propagatorSq / Math.PI;
}

const ENTROPY_RULE = gaussLegendre(200);

/** Entropy of a degree of freedom of mass x T over that of a massless boson; sign 1 for fermions, -1 for bosons. */
function entropyRatio(x, sign) {
  let sum = 0;
  for (let i = 0; i < 200; i++) {
    const k = 4 * (ENTROPY_RULE.nodes[i] + 1), t = k * k, energy = t + x, momentum = Math.sqrt(t * (t + 2 * x));
    const boltzmann = Math.exp(-energy);
    sum += 4 * ENTROPY_RULE.weights[i] * 2 * k * momentum * (energy ** 2 + momentum ** 2 / 3) * boltzmann
      / (1 + sign * boltzmann);
  }
  return sum * 45 / (4 * Math.PI ** 4);
}

/** N_eff with chi and phi in equilibrium with the neutrinos. */
function effectiveNeutrinos(tables, mChi, mPhi) {
  const c = tables.constants, t = c.T_NEUTRINO_DECOUPLING;
  const extra = 4 * entropyRatio(mChi / t, 1) + 2 * entropyRatio(mPhi / t, -1);
  return c.N_EFF_SM_2017 * (1 + extra / (6 * 7 / 8)) ** (4 / 3);
}

/** Mass of the smallest haloes, solar masses; the normalisations are those of Eq. 17 as printed or as derived. */
const cutoffMass = (tables, mChi, Y, convention) =>
  tables.cutoff[convention] * Y ** 0.75 * (mChi / tables.cutoff.reference_GeV) ** -3.75;

/** Estimate of |lambda_phiH|, and what it does: width of h -> phi phi*, delta m_phi^2/m_phi^2. */
function higgsPortal(tables, p) {
  const c = tables.constants, lambda = p.yL ** 2 * p.s2 * (p.m4 / c.VEV) ** 2 / (16 * Math.PI ** 2);
  const speed = Math.sqrt(Math.max(1 - (2 * p.m_phi / c.M_H) ** 2, 0));
  return {
    lambda_phi_H: lambda,
    width_h_phi_GeV: lambda ** 2 * c.VEV ** 2 * speed / (8 * Math.PI * c.M_H),
    higgs_mass_shift: lambda * c.VEV ** 2 / p.m_phi ** 2,
  };
}
