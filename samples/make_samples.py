"""Make the sample files and their MANIFEST.toml: `make samples`."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
from pathlib import Path

import nuportal

FOLDER = Path(__file__).parent
#: File, description, and the arguments of the command that makes it.
SAMPLES = [
    (
        "w-atlas-2011.root",
        "lepton-pT spectrum of W+ -> mu+ nu with a nu4 of 30 GeV and |U_mu4|^2 = 0.01, 4.1 fb^-1 at 7 TeV",
        "generate w --experiment atlas-2011 --luminosity 4.1 --set m4=30 --set Umu4=0.1 --seed 11 --histogram-only",
    ),
    (
        "kaon-e949.root",
        "muon-momentum spectrum of E949 with K -> mu chi phi at m_chi = 20 MeV, m4 = 400 GeV, yL = 4 pi",
        "generate kaon --experiment e949 --decays 1.7e12 --set m_chi=0.02 --set m_phi=0.06 --set m4=400 "
        "--set yL=12.566370614359172 --set Umu4=0.002 --seed 12 --histogram-only",
    ),
    (
        "w-standard-model.csv",
        "lepton-pT spectrum of W+ -> mu+ nu in the Standard Model, 4.1 fb^-1 at 7 TeV",
        "generate w --experiment atlas-2011 --luminosity 4.1 --set Umu4=0 --seed 13 --histogram-only",
    ),
]

#: Files made by other programs: their manifest entry without name and hash.
FOREIGN = {
    "madgraph-w-mu-n4.lhe.gz": {
        "description": "1200 parton-level events p p > mu+ vm and p p > mu+ n4 at 7 TeV, m4 = 30 GeV, U_mu4 = 0.3, "
        "m_chi = 3, m_phi = 9 GeV, no cuts; 4465 pb at leading order (NN23LO1)",
        "command": "the session of docs/how-to/madgraph.md with set nevents 1200 and set iseed 3",
        "generator": "MadGraph5_aMC 2.6.0 with models/UFO/NeutrinoPortal, restriction mu; header cut to commands, run "
        "settings and SLHA card",
    },
}


def make(name: str, arguments: str) -> None:
    """Run the command that writes a sample, in this folder."""
    command = [str(Path(sys.executable).with_name("nuportal")), *shlex.split(arguments), "--out", name]
    subprocess.run(command, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)


def manifest() -> str:
    """Text of MANIFEST.toml for the present files."""
    lines = ["# Made by `make samples`. sha256 is the hash of the file, which contains its creation time.", ""]
    for name, what, arguments in SAMPLES:
        digest = _digest(name)
        words = shlex.split(arguments)
        lines += [
            "[[file]]",
            f'name = "{name}"',
            f'description = "{what}"',
            f'command = "nuportal {arguments} --out {name}"',
            f"seed = {words[words.index('--seed') + 1]}",
            f'version = "{nuportal.__version__}"',
            f'sha256 = "{digest}"',
            "",
        ]
    for name, fields in FOREIGN.items():
        entry = {"name": name, **fields, "sha256": _digest(name)}
        lines += ["[[file]]", *[f'{key} = "{value}"' for key, value in entry.items()], ""]
    return "\n".join(lines)


def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()


if __name__ == "__main__":
    for name, _, arguments in SAMPLES:
        make(name, arguments)
    (FOLDER / "MANIFEST.toml").write_text(manifest(), encoding="utf-8")
