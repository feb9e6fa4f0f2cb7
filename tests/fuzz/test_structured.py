"""Texts of the right form with any content: a result, or one line."""

import json
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nucore.errors import InputError
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.io.readers import read_bins, read_errors, read_matrix, read_spectrum
from nucore.model.card import parse_card
from nucore.text import parse_yaml

FEW = settings(
    max_examples=100,
    deadline=5000,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FLOATS = st.floats() | st.integers(-(10**20), 10**20) | st.sampled_from([1e308, 1e-320, 0.0, -0.0, 1.0, 5.0, 10**400])
SCALARS = st.none() | st.booleans() | FLOATS | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=6), x, max_size=4), max_leaves=12
)
NAMES = st.sampled_from(["mu", "one", "signal", "lumi", "a b", "x\x1b[2J"]) | st.text(max_size=6)


def taken(call, *arguments):
    """Call what may refuse its arguments, in one line."""
    refusal = "a result"
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            call(*arguments)
        except InputError as error:
            refusal = str(error)
    assert refusal.isprintable()
    assert refusal


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["MASS", "NUMIXING", "DARKYUKAWA", "SMINPUTS", "OTHER", "DECAY"]),
            st.integers(-5, 5) | st.sampled_from([9990012, 51, 52, 24, 23, 25]) | st.text(max_size=5),
            FLOATS | st.text(max_size=8),
        ),
        max_size=14,
    )
)
@pytest.mark.filterwarnings("ignore")
def test_cards(entries):
    lines = [f"DECAY {i} {x}" if block == "DECAY" else f"BLOCK {block}\n {i} {x}" for block, i, x in entries]
    taken(parse_card, "\n".join(lines))


@FEW
@given(
    st.fixed_dictionaries(
        {
            "axes": st.lists(
                st.fixed_dictionaries({"edges": st.lists(FLOATS, max_size=6)}, optional={"metadata": ANYTHING})
                | st.fixed_dictionaries({"lower": SCALARS, "upper": SCALARS, "bins": SCALARS})
                | st.fixed_dictionaries({"type": st.just("category_str"), "categories": st.lists(SCALARS) | ANYTHING}),
                max_size=3,
            )
            | ANYTHING,
            "storage": st.fixed_dictionaries(
                {"values": st.lists(FLOATS, max_size=8) | ANYTHING},
                optional={"variances": st.lists(FLOATS, max_size=8), "index": ANYTHING | st.lists(st.lists(SCALARS))},
            ),
        },
        optional={"metadata": ANYTHING | st.fixed_dictionaries({"exposure": ANYTHING, "flavour": ANYTHING})},
    )
)
def test_uhi(tmp_path, content):
    path = tmp_path / "h.json"
    path.write_text(json.dumps({"h": content}))
    taken(read_spectrum, path)
    path.write_text(json.dumps({**content, "uhi_schema": 1}))
    taken(read_spectrum, path)


@FEW
@given(
    st.lists(st.lists(FLOATS.map(str) | st.text(max_size=6), min_size=1, max_size=5), max_size=6), st.text(max_size=20)
)
def test_csv(tmp_path, rows, comment):
    path = tmp_path / "h.csv"
    lines = [f"# luminosity_invfb = {comment}", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace", newline="")
    taken(read_spectrum, path)
    taken(read_matrix, path, 2)
    path.write_text("low,high,a,b\n" + "\n".join(lines), encoding="utf-8", errors="replace", newline="")
    taken(read_bins, f"{path}:b")


@FEW
@given(
    ANYTHING,
    st.lists(st.fixed_dictionaries({"low": SCALARS, "high": SCALARS}), max_size=4),
    st.lists(SCALARS, max_size=4),
    st.lists(
        st.fixed_dictionaries({}, optional={"symerror": SCALARS, "asymerror": ANYTHING, "label": ANYTHING}), max_size=2
    ),
)
def test_hepdata(tmp_path, header, bins, values, errors):
    import yaml

    table = {
        "independent_variables": [{"header": header, "values": bins}],
        "dependent_variables": [
            {"header": {"name": "n"}, "values": [{"value": value, "errors": errors} for value in values]}
        ],
    }
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump(table, allow_unicode=False))
    taken(read_spectrum, path)
    taken(read_bins, path)
    taken(read_errors, path)
    taken(read_matrix, path, 2)
    (tmp_path / "t.json").write_text(
        json.dumps({"headers": header, "x_count": 1, "values": values, "qualifiers": bins})
    )
    taken(read_spectrum, tmp_path / "t.json")


DATA = st.lists(FLOATS, min_size=2, max_size=2) | st.just([50.0, 60.0]) | ANYTHING
MODIFIER = st.fixed_dictionaries(
    {
        "name": NAMES,
        "type": st.sampled_from(["normfactor", "normsys", "histosys", "staterror", "shapesys", "shapefactor", "lumi"]),
        "data": st.none()
        | DATA
        | st.fixed_dictionaries({"lo": FLOATS, "hi": FLOATS, "lo_data": DATA, "hi_data": DATA}),
    }
)
SIGNAL = {"name": "signal", "data": [5.0, 6.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
SETTING = st.fixed_dictionaries(
    {"name": NAMES}, optional={k: st.lists(ANYTHING, max_size=2) for k in ("bounds", "inits", "auxdata", "sigmas")}
)


@FEW
@given(DATA, st.lists(MODIFIER, max_size=3), DATA, st.lists(SETTING, max_size=2) | ANYTHING)
def test_workspaces(background, modifiers, observed, parameters):
    content = {
        "channels": [
            {"name": "one", "samples": [SIGNAL, {"name": "b", "data": background, "modifiers": modifiers}]},
        ],
        "observations": [{"name": "one", "data": observed}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": parameters}}],
    }
    taken(read_pyhf_workspace, json.loads(json.dumps(content)))


@FEW
@given(ANYTHING)
def test_yaml_of_plain_values_is_read(content):
    import yaml

    text = yaml.safe_dump(content)
    try:
        found = parse_yaml(text)
    except (yaml.YAMLError, ValueError):
        return
    assert repr(found) == repr(yaml.safe_load(text))
