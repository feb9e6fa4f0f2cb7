"""What the commands do with a file, and small whole files of every kind."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.fuzz import table_files as tables

SAMPLES = Path(__file__).parents[2] / "samples"
_EDGES = np.linspace(30.0, 50.0, 41)


@dataclass(frozen=True)
class Reader:
    """A kind of file: its suffix, what a command does with it, and whole files by their names."""

    suffix: str
    use: Callable[[Path], object]
    seeds: Callable[[Path], None]
    text: bool = True
    packed: bool = False


def _model(path: Path) -> object:
    from nuportal import load_card, model

    return model(load_card(path)).to_dict()


def _fit(path: Path) -> object:
    from nuportal import fit

    return fit(path, allow_bad_fit=True).to_dict()


def _fit_table(path: Path) -> object:
    from nuportal import fit

    return fit(path, luminosity="card", allow_bad_fit=True).to_dict()


def _export(path: Path) -> object:
    from nuportal import export

    return export(path, to="uhi", out="out.json", luminosity="card", allow_bad_fit=True).to_dict()


def _analyse(path: Path) -> object:
    from nuportal import analyse

    return analyse(path, out="out.json").to_dict()


def _events(path: Path) -> object:
    from nuportal import load_events

    return load_events(path)


def _merge(path: Path) -> object:
    from nuportal import merge

    return merge([path], "out.root", allow_mixed=True)


def _reproduce(path: Path) -> object:
    """All of `nuportal reproduce` but the run, which lasts as long as the file says."""
    from nucore.errors import InputError
    from nucore.io.outputs import read_output
    from nuportal.api.comparison import differences
    from nuportal.api.requests import arguments_of, recorded_function

    found = read_output(path)
    request = found.provenance.get("request")
    if not isinstance(request, dict):
        raise InputError("no request")
    arguments_of(recorded_function(request), request, {}, read_files=True)
    return list(differences(found.content, found.content))


def _toml(path: Path) -> object:
    from nucore.errors import InputError
    from nucore.experiment_cards import read_toml, validate
    from nucore.limits.curve import LimitCurve
    from nuportal.searches import experiment_of

    content = path.read_bytes()
    if b"sided" in content:
        try:
            return validate(LimitCurve, read_toml(content.decode("utf-8"), "card"), "card")
        except UnicodeDecodeError:
            raise InputError("no text") from None
    return experiment_of(path)


def _card_seeds(folder: Path) -> None:
    from nucore.model.card import card_text
    from nucore.model.parameters import PortalParameters

    (folder / "a.dat").write_text(card_text(PortalParameters()))
    (folder / "b.dat").write_text(card_text(PortalParameters(m4=200.0, m_chi=3.0, m_phi=10.0, Ue4=0.1, yR=0.5)))
    (folder / "c.dat").write_text(f"<LesHouchesEvents>\n<header>\n<slha>\n{card_text(PortalParameters())}</slha>\n")


def _card_gz_seeds(folder: Path) -> None:
    from nucore.model.card import card_text
    from nucore.model.parameters import PortalParameters

    text = card_text(PortalParameters())
    events = f"<LesHouchesEvents>\n<header>\n<slha>\n{text}</slha>\n</header>\n</LesHouchesEvents>\n"
    for name, content in (("a", text), ("b", events)):
        (folder / f"{name}.dat.gz").write_bytes(gzip.compress(content.encode(), mtime=0))


def _counts() -> np.ndarray:
    return np.round(3e5 * np.exp(-0.5 * ((_EDGES[:-1] - 38.0) / 8.0) ** 2))


def _csv_seeds(folder: Path) -> None:
    (folder / "a.csv").write_bytes((SAMPLES / "w-standard-model.csv").read_bytes())
    rows = [f"{low},{high},{n}" for low, high, n in zip(_EDGES[:-1], _EDGES[1:], _counts(), strict=True)]
    (folder / "b.csv").write_text("# luminosity_invfb = 4.1\nlow,high,value\n" + "\n".join(rows) + "\n")


def _spectra() -> list[object]:
    from nucore.histograms import Spectrum

    return [Spectrum.from_counts("lepton_pt", _EDGES, _counts())]


def _uhi_seeds(folder: Path) -> None:
    from nucore.io.writers import write_spectra

    ours = {"experiment": "atlas-2011", "flavour": "mu", "exposure": {"luminosity_invfb": 4.1}, "selection": "paper"}
    write_spectra(folder / "a.json", _spectra(), ours)
    axis = {"type": "regular", "lower": 30, "upper": 50, "bins": 40, "underflow": False, "overflow": False}
    storage = {"type": "double", "values": _counts().tolist()}
    about = {"name": "h", "luminosity_invfb": 4.1}
    one = {"uhi_schema": 1, "metadata": about, "axes": [axis], "storage": storage}
    (folder / "b.json").write_text(json.dumps(one))
    sample = {"type": "category_str", "categories": ["data"], "flow": True}
    index = [[1 + k for k in range(40)], [0] * 40]
    sparse = {"type": "weighted", "index": index, "values": _counts().tolist(), "variances": _counts().tolist()}
    flow = {**axis, "type": "regular", "underflow": True, "overflow": True, "circular": False}
    two = {"uhi_schema": 1, "metadata": about, "axes": [flow, sample], "storage": sparse}
    (folder / "c.json").write_text(json.dumps({"run": {"h": two}}))


def _hepdata_seeds(folder: Path) -> None:
    import yaml

    bins = [{"low": float(a), "high": float(b)} for a, b in itertools.pairwise(_EDGES)]
    values = [{"value": float(n), "errors": [{"symerror": float(n) ** 0.5, "label": "stat"}]} for n in _counts()]
    table = {
        "independent_variables": [{"header": {"name": "pt", "units": "GeV"}, "values": bins}],
        "dependent_variables": [{"header": {"name": "events"}, "values": values}],
    }
    (folder / "a.yaml").write_text(yaml.safe_dump(table))
    (folder / "b.yaml").write_text(yaml.safe_dump(table, default_flow_style=True))


def _pyhf_seeds(folder: Path) -> None:
    norm = {"name": "mu", "type": "normfactor", "data": None}
    system = {"name": "sys", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}
    shape = {"name": "tilt", "type": "histosys", "data": {"lo_data": [45.0, 52.0, 31.0], "hi_data": [55.0, 48.0, 29.0]}}
    extras = [
        [system, shape],
        [{"name": "mc", "type": "staterror", "data": [3.0, 3.0, 2.0]}, system],
        [{"name": "own", "type": "shapesys", "data": [5.0, 5.0, 3.0]}, {"name": "lumi", "type": "lumi", "data": None}],
    ]
    for name, modifiers in zip("abc", extras, strict=True):
        samples = [
            {"name": "signal", "data": [5.0, 10.0, 3.0], "modifiers": [norm]},
            {"name": "background", "data": [50.0, 50.0, 30.0], "modifiers": modifiers},
        ]
        lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.9, 1.1]], "inits": [1.0]}
        workspace = {
            "channels": [{"name": "one", "samples": samples}],
            "observations": [{"name": "one", "data": [53.0, 58.0, 31.0]}],
            "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": [lumi] if name == "c" else []}}],
            "version": "1.0.0",
        }
        (folder / f"{name}.json").write_text(json.dumps(workspace))
    settings = [
        {"name": "sys", "fixed": True, "inits": [0.4]},
        {"name": "tilt", "bounds": [[-1.0, 2.0]], "auxdata": [0.3]},
        {"name": "mc", "fixed": [False, True, False], "inits": [1.0, 1.1, 0.9], "sigmas": [0.1, 0.2, 0.1]},
    ]
    samples[1]["modifiers"] = [system, shape, extras[1][0]]
    workspace["measurements"] = [{"name": "m", "config": {"poi": poi, "parameters": settings}} for poi in ("mu", "")]
    (folder / "d.json").write_text(json.dumps(workspace))


def _root_seeds(folder: Path) -> None:
    import uproot

    (folder / "a.root").write_bytes((SAMPLES / "w-atlas-2011.root").read_bytes())
    for name, compression in (("b", uproot.ZLIB(4)), ("c", uproot.LZMA(4)), ("d", uproot.ZSTD(4)), ("e", None)):
        with uproot.recreate(folder / f"{name}.root", compression=compression) as file:
            file["h"] = _spectra()[0].to_hist()  # type: ignore[attr-defined]
    _root_table_seeds(folder)


def _root_table_seeds(folder: Path) -> None:
    """Add a HEPData table with an error beside the values, in two cycles, and a histogram with labels."""
    import uproot
    from uproot.writing.identify import to_THashList, to_TObjString, to_writable

    values, error, labelled = (to_writable(_spectra()[0].to_hist()) for _ in range(3))  # type: ignore[attr-defined]
    error.member("fYaxis")._bases[0]._members["fTitle"] = "stat"
    labels = [to_TObjString(f"{low} - {low + 0.5}") for low in _EDGES[:3]]
    labelled.member("fXaxis")._members["fLabels"] = to_THashList(labels)
    with uproot.recreate(folder / "f.root", compression=None) as file:
        for _ in range(2):
            file["Table 1/Hist1D_y1"] = values
        file["Table 1/Hist1D_y1_e1"] = error
    with uproot.recreate(folder / "g.root", compression=None) as file:
        file["h"] = labelled


def _root_event_seeds(folder: Path) -> None:
    import uproot

    from nuportal import generate

    generate("w", events=300, out=folder / "a.root", all_events=True)
    with uproot.open(folder / "a.root") as whole:
        arrays, about = whole["events"].arrays(library="np"), str(whole["provenance"])
    with uproot.recreate(folder / "b.root", compression=None) as file:
        file.mktree("events", {name: array.dtype for name, array in arrays.items()})
        for first in (0, 100):
            file["events"].extend({name: array[first : first + 100] for name, array in arrays.items()})
        file["provenance"] = about.replace('"n_generated": 300', '"n_generated": 200')


def _lhe() -> str:
    head = "2212 2212 3500.0 3500.0 -1 -1 -1 -1 -4 1\n5000.0 1.0 5000.0 1\n"
    rows = [
        "2 -1 0 0 501 0 0.0 0.0 20.0 20.0 0.0 0. 9.",
        "-1 -1 0 0 0 501 0.0 0.0 -80.0 80.0 0.0 0. 9.",
        "24 2 1 2 0 0 0.0 0.0 -60.0 100.0 80.0 0. 9.",
        "-13 1 3 3 0 0 40.0 0.0 -30.0 50.0 0.1 0. 9.",
        "14 1 3 3 0 0 -40.0 0.0 -30.0 50.0 0.0 0. 9.",
    ]
    event = "<event>\n5 1 5000.0 80.0 0.0078 0.118\n" + "\n".join(rows) + "\n</event>\n"
    header = '<header>\n<nuportal>{"flavour": "mu"}</nuportal>\n</header>\n'
    return f'<LesHouchesEvents version="3.0">\n{header}<init>\n{head}</init>\n{event * 6}</LesHouchesEvents>\n'


def _lhe_seeds(folder: Path) -> None:
    (folder / "a.lhe").write_text(_lhe())
    (folder / "b.lhe").write_text(_lhe().replace("<header>", "<!-- run --><header>").replace("-13", "13"))


def _lhe_gz_seeds(folder: Path) -> None:
    (folder / "a.lhe.gz").write_bytes(gzip.compress(_lhe().encode(), mtime=0))
    half = _lhe().encode()
    (folder / "b.lhe.gz").write_bytes(gzip.compress(half[:500], 0, mtime=0) + gzip.compress(half[500:], 0, mtime=0))


def _hepmc_seeds(folder: Path) -> None:
    import pyhepmc

    for name, version in (("a", "hepmc3"), ("b", "hepmc2")):
        with pyhepmc.open(folder / f"{name}.hepmc", "w", format=version) as file:
            for number in range(3):
                event = pyhepmc.GenEvent(pyhepmc.Units.GEV, pyhepmc.Units.MM)
                event.event_number = number
                vertex = pyhepmc.GenVertex()
                for side in (1, -1):
                    vertex.add_particle_in(pyhepmc.GenParticle((0.0, 0.0, side * 3500.0, 3500.0), 2212, 4))
                for x, pdg_id, status in ((40.0, -13, 1), (-40.0, 14, 1), (90.0, 24, 2)):
                    vertex.add_particle_out(pyhepmc.GenParticle((x, 0.0, 0.0, abs(x)), pdg_id, status))
                event.add_vertex(vertex)
                event.weights = [2.0]
                event.run_info = pyhepmc.GenRunInfo()
                event.run_info.weight_names = ["nominal"]
                event.cross_section = pyhepmc.GenCrossSection()
                event.cross_section.set_cross_section(5000.0, 0.1)
                file.write(event)


def _packed_hepmc_seeds(folder: Path) -> None:
    _hepmc_seeds(folder)
    for path in folder.glob("*.hepmc"):
        path.with_suffix(".hepmc.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()


def _lhe_zst_seeds(folder: Path) -> None:
    import cramjam

    whole = _lhe().encode()
    for name, parts in (("a", [whole]), ("b", [whole[:500], whole[500:]])):
        (folder / f"{name}.lhe.zst").write_bytes(b"".join(bytes(cramjam.zstd.compress(part)) for part in parts))


def _shard_seeds(folder: Path) -> None:
    from nucore.run.chunks import Shard
    from nuportal import generate

    generate.shard(Shard(1, 1), folder / "a.shard", "kaon", events=2000, histogram_only=True)
    generate.shard(Shard(1, 1), folder / "b.shard", "w", events=200, out="w.root")


def _output_seeds(suffix: str, **choices: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        from nuportal import generate

        generate("w", events=200, out=folder / f"a{suffix}", **choices)

    return write


def _toml_seeds(folder: Path) -> None:
    import nucore

    root = Path(nucore.__file__).parents[1]
    for package in ("collider/experiments", "mesons/experiments", "nucore/limits"):
        for path in sorted((root / package / "data").glob("*.toml"))[:2]:
            text = path.read_text(encoding="utf-8")
            if package != "nucore/limits":  # a name of its own, as a user's card must have
                text = re.sub('^name = "', 'name = "my-', text, count=1, flags=re.MULTILINE)
            (folder / f"{package.partition('/')[0]}-{path.name}").write_text(text, encoding="utf-8")


READERS = {
    "card": Reader(".dat", _model, _card_seeds),
    "card-gz": Reader(".dat.gz", _model, _card_gz_seeds, text=False, packed=True),
    "csv": Reader(".csv", _export, _csv_seeds),
    "uhi": Reader(".json", _export, _uhi_seeds),
    "hepdata": Reader(".yaml", _fit_table, _hepdata_seeds),
    "columns": Reader(".txt", tables.read_column, tables.column_seeds),
    "hepdata-csv": Reader(".csv", tables.read_column, tables.hepdata_csv_seeds),
    "hepdata-json": Reader(".json", tables.read_column, tables.hepdata_json_seeds),
    "hepdata-submission": Reader(".yaml", tables.read_table, tables.submission_seeds),
    "hepdata-zip": Reader(".zip", tables.read_table, tables.zip_seeds, text=False),
    "hepdata-tar": Reader(".tar.gz", tables.read_table, tables.tar_seeds, text=False, packed=True),
    "pyhf": Reader(".json", _fit, _pyhf_seeds),
    "root": Reader(".root", _export, _root_seeds, text=False),
    "root-events": Reader(".root", _analyse, _root_event_seeds, text=False),
    "tree": Reader(".root", _events, _root_event_seeds, text=False),
    "lhe": Reader(".lhe", _analyse, _lhe_seeds),
    "lhe-gz": Reader(".lhe.gz", _analyse, _lhe_gz_seeds, text=False, packed=True),
    "lhe-zst": Reader(".lhe.zst", _analyse, _lhe_zst_seeds, text=False, packed=True),
    "hepmc": Reader(".hepmc", _analyse, _hepmc_seeds),
    "hepmc-gz": Reader(".hepmc.gz", _analyse, _packed_hepmc_seeds, text=False, packed=True),
    "shard": Reader(".shard", _merge, _shard_seeds, text=False),
    "output-root": Reader(".root", _reproduce, _output_seeds(".root"), text=False),
    "output-json": Reader(".json", _reproduce, _output_seeds(".json", histogram_only=True)),
    "output-csv": Reader(".csv", _reproduce, _output_seeds(".csv", histogram_only=True)),
    "output-parquet": Reader(".parquet", _reproduce, _output_seeds(".parquet"), text=False),
    "output-lhe": Reader(".lhe", _reproduce, _output_seeds(".lhe")),
    "toml": Reader(".toml", _toml, _toml_seeds),
}
