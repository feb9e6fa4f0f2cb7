"""Ten pictures against stored ones; ``pytest --mpl-generate-path=tests/baseline`` with this file draws these anew."""

import matplotlib as mpl
import pytest

from tests.nuportal.pictures.collisions import collisions
from tests.nuportal.pictures.examples import EXAMPLES

#: Text is rendered differently by each minor version of matplotlib.
DRAWN_WITH = "3.11"
#: Root mean square of the differences of pixels, of 255: room for edges that other processors round differently; a
#: lost word makes 3.6, a lost line of a legend 11 to 13.
TOLERANCE = 2.0
NAMES = ("check", "decay", "fit", "flavours", "generate", "limits", "reach-kaon", "reach-observed", "scan", "toys")


def _image(name):
    return pytest.param(
        name,
        marks=pytest.mark.mpl_image_compare(
            baseline_dir="../../baseline", filename=f"{name}.png", tolerance=TOLERANCE, style="default",
            savefig_kwargs={"dpi": 60},
        ),
    )  # fmt: skip


@pytest.mark.skipif(not mpl.__version__.startswith(DRAWN_WITH), reason=f"drawn with matplotlib {DRAWN_WITH}")
@pytest.mark.parametrize("name", [_image(name) for name in NAMES])
def test_a_picture_is_as_stored(name):
    figure = EXAMPLES[name]().plot()
    assert collisions(figure) == []
    return figure
