"""Angular coefficients of Z/gamma* at order alpha_s beside ATLAS's measurement at 8 TeV.

``python -m tools.validation.z_angular --out DIR`` writes ``z-angular-coefficients.png`` and
``z-angular-coefficients.txt``, in a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from collider.production.neutral_current import GAMMA_Z, M_Z
from collider.production.spin import a2_over_a0
from collider.production.w_pt import pt_rows
from collider.production.z_spin import z_coefficients
from nucore.plot.style import COLOURS, RC, save

Array = NDArray[np.float64]

DATA = Path(__file__).parent / "data" / "atlas-8tev-z-angular.csv"
SQRT_S_TEV = 8.0
MASS_WINDOW_GEV = (80.0, 100.0)
#: Points in mass, rapidity and transverse momentum of each bin.
N_MASS, N_RAPIDITY, N_PT = 9, 6, 4
#: Below it A2/A0 is measured too badly to be shown.
RATIO_FROM_GEV = 5.0
#: Ranges of transverse momentum (GeV) of the table.
PT_RANGES_GEV = ((0.0, 14.9), (14.9, 32.6), (32.6, 105.0))


@dataclass(frozen=True, eq=False)
class Measured:
    """A coefficient in one range of |y|: measured, and computed with A2 = A0.

    Attributes
    ----------
    coefficient : int
    rapidity : (float, float)
    edges : float64[n + 1]
        Transverse momentum, GeV.
    values, errors, ours : float64[n]
    """

    coefficient: int
    rapidity: tuple[float, float]
    edges: Array
    values: Array
    errors: Array
    ours: Array


def measured_coefficients() -> list[Measured]:
    """Read the measurement and compute the same averages."""
    rows = np.genfromtxt(DATA, delimiter=",", comments="#", skip_header=_header_lines())
    ranges = sorted({(low, high) for low, high in rows[:, 1:3]})
    edges = np.unique(rows[:, 3:5])
    averages = _averages(edges, ranges)
    found = []
    for k in range(5):
        for i, (low, high) in enumerate(ranges):
            chosen = rows[(rows[:, 0] == k) & (rows[:, 1] == low)]
            if chosen.size:
                errors = np.sqrt(np.sum(chosen[:, 6:] ** 2, axis=1))
                ours = averages[: chosen.shape[0], i, k]
                found.append(
                    Measured(k, (low, high), np.append(chosen[:, 3], chosen[-1, 4]), chosen[:, 5], errors, ours)
                )
    return found


def _header_lines() -> int:
    with DATA.open(encoding="utf-8") as lines:
        return 1 + next(i for i, line in enumerate(lines) if not line.startswith("#"))


def _averages(edges: Array, ranges: Sequence[tuple[float, float]]) -> Array:
    """Return A0..A4 averaged over mass, |y| and transverse momentum, float64[n_pt, n_ranges, 5]."""
    nodes, weights = np.polynomial.legendre.leggauss(N_MASS)
    low, high = np.arctan((np.square(MASS_WINDOW_GEV) - M_Z**2) / (M_Z * GAMMA_Z))
    offset = np.tan(0.5 * (low + high) + 0.5 * (high - low) * nodes)
    masses = np.sqrt(M_Z**2 + M_Z * GAMMA_Z * offset)
    mass_weights = weights * (1.0 + offset**2) / masses
    nodes, weights = np.polynomial.legendre.leggauss(N_RAPIDITY)
    y = np.array([0.5 * (low + high) + 0.5 * (high - low) * nodes for low, high in ranges])
    rows = 0.5 * (pt_rows(SQRT_S_TEV, 1) + pt_rows(SQRT_S_TEV, -1))[:6].mean(axis=0)
    uniform = np.linspace(0.0, 1.0, rows.size)
    found = np.zeros((edges.size - 1, len(ranges), 5))
    for i, (start, stop) in enumerate(np.interp([edges[:-1], edges[1:]], rows, uniform).T):
        for pt in np.interp(start + (stop - start) * (np.arange(N_PT) + 0.5) / N_PT, uniform, rows):
            at_pt = np.zeros((6, len(ranges)))
            for mass, mass_weight in zip(masses, mass_weights, strict=True):
                rate, coefficients = z_coefficients(SQRT_S_TEV, float(pt), y.ravel(), float(mass))
                weight = mass_weight * weights * rate.reshape(y.shape)
                at_pt[0] += weight.sum(axis=1)
                at_pt[1:] += (weight * coefficients.reshape(5, *y.shape)).sum(axis=2)
            # the points have equal shares of the cross section, whatever that at fixed order is
            found[i] += (at_pt[1:] / at_pt[0]).T / N_PT
    return found


def table(results: Sequence[Measured]) -> str:
    """Return mean differences from the measurement, and chi2 without correlations, in Markdown."""
    head = "".join(f" {low:g}-{high:g} GeV |" for low, high in PT_RANGES_GEV)
    lines = [f"| | abs(y) |{head}", "|---" * (2 + len(PT_RANGES_GEV)) + "|"]
    for one in results:
        for ratio in (1.0, a2_over_a0("measured")) if one.coefficient == 2 else (1.0,):
            cells = []
            for low, high in PT_RANGES_GEV:
                inside = (one.edges[:-1] >= low) & (one.edges[1:] <= high)
                difference, error = (ratio * one.ours - one.values)[inside], one.errors[inside]
                mean = np.average(difference, weights=error**-2.0)
                chi2 = np.sum((difference / error) ** 2)
                cells.append(f"{mean:+.4f} ({chi2:.0f}/{inside.sum()})")
            name = f"A{one.coefficient}" + (f", A2 = {ratio:g} A0" if one.coefficient == 2 else "")
            lines.append(f"| {name} | {one.rapidity[0]:g}-{one.rapidity[1]:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def figure(results: Sequence[Measured]) -> Figure:
    """Draw one panel for each coefficient and one for A2/A0, with points and a line for each range of |y|."""
    with mpl.rc_context(RC):
        picture = Figure(figsize=(9.6, 6.0), layout="constrained")
        panels = picture.subplots(2, 3, sharex=True).ravel()
        ranges = sorted({one.rapidity for one in results})
        a0 = {one.rapidity: one for one in results if one.coefficient == 0}
        for one in results:
            colour = COLOURS[ranges.index(one.rapidity)]
            centres = 0.5 * (one.edges[1:] + one.edges[:-1])
            label = f"{one.rapidity[0]:g} < |y| < {one.rapidity[1]:g}"
            panel = panels[one.coefficient]
            panel.errorbar(
                centres, one.values, one.errors, fmt="o", ms=3.0, lw=0.9, color=colour, label=f"ATLAS, {label}"
            )
            panel.plot(centres, one.ours, color=colour, label=f"order $\\alpha_s$, {label}")
            if one.coefficient == 2:
                panel.plot(centres, a2_over_a0("measured") * one.ours, color=colour, ls="--")
                if one.rapidity != ranges[-1]:
                    shown, base = centres > RATIO_FROM_GEV, a0[one.rapidity]
                    ratio = (one.values / base.values)[shown]
                    error = np.hypot(one.errors[shown], ratio * base.errors[shown]) / base.values[shown]
                    panels[5].errorbar(centres[shown], ratio, error, fmt="o", ms=3.0, lw=0.9, color=colour)
        panels[5].axhline(a2_over_a0("measured"), color="black", ls="--", lw=1.0)
        panels[5].axhline(1.0, color="black", lw=1.0)
        panels[5].set(title="$A_2/A_0$ (dashed: as used)", ylim=(0.0, 1.2))
        for k, panel in enumerate(panels[:5]):
            panel.set(title=f"$A_{k}$")
            panel.axhline(0.0, color="0.8", lw=0.8, zorder=0)
        panels[1].set(ylim=(-0.02, 0.12))
        for panel in panels:
            panel.set(xlabel="$p_T$ of the pair [GeV]", xlim=(0.0, 105.0))
        panels[0].legend(fontsize="x-small")
    return picture


def main() -> None:
    """Write picture and table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="directory for the picture and the table")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    results = measured_coefficients()
    save(figure(results), out / "z-angular-coefficients.png")
    (out / "z-angular-coefficients.txt").write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    main()
