"""Pictures of a fit: what they show, where there is nothing to show."""

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.plot.fit import fit_figure
from nucore.plot.reports import (
    correlation_figure,
    impacts_figure,
    pulls_figure,
    scan_figure,
    write_report,
)
from nucore.reports.fit_input import FitInput
from nucore.reports.report_content import report_content
from nucore.stats import Likelihood, LimitChoice, Model, NormFactor, NormSys, Sample


def _fitted(counts, modifiers=()):
    signal = Sample("s", [0.0, 20.0], [NormFactor("u")])
    model = Model([Sample("b", [100.0, 10.0], modifiers), signal], "u")
    likelihood = Likelihood(model, counts)
    data = Spectrum.from_counts("muon_momentum", [0.1, 0.2, 0.3], counts)
    return FitInput(likelihood, data).report(LimitChoice())


def _texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_pictures_show_every_parameter():
    result = _fitted([108.0, 20.0], [NormSys("scale", 0.9, 1.1)])
    for figure in (pulls_figure(result), impacts_figure(result)):
        assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["scale"]
    labels = [t.get_text() for t in correlation_figure(result).axes[0].get_xticklabels()]
    assert labels == ["u", "scale"]
    content = report_content(result)
    assert len(fit_figure(result).axes) == 2
    np.testing.assert_allclose(content.background, [100.0, 10.0])
    assert "90% CL" in " ".join(_texts(scan_figure(content)))
    # one bin fixes the scale: 2 (NLL - minimum) at 3 sigma of the curvature, within the skewness of 20 counts
    assert content.scan.profile[-1] == pytest.approx(9.0, rel=0.35)
    assert np.all(content.scan.fixed >= content.scan.profile - 1e-6)


def test_without_nuisances_the_pictures_say_so():
    result = _fitted([108.0, 20.0])
    assert _texts(pulls_figure(result)) == ["no constrained parameter"]
    assert _texts(impacts_figure(result)) == ["no nuisance parameter"]


def test_a_fit_at_the_edge_has_no_scan(tmp_path):
    result = _fitted([100.0, 0.0])
    content = report_content(result)
    assert content.scan is None
    assert "edge" in _texts(scan_figure(content))[0]
    assert content.to_dict()["likelihood_scan"] is None
    assert "null" in content.to_json()
    assert len(write_report(result, tmp_path / "report")) == 11


def test_a_report_needs_a_folder(tmp_path):
    result = _fitted([108.0, 20.0])
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        write_report(result, tmp_path / "file")
