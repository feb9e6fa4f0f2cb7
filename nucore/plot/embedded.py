"""Pictures inside of pages: notebooks and reports."""

from __future__ import annotations

import base64
from functools import partial
from io import BytesIO

import matplotlib as mpl
from matplotlib.figure import Figure

from nucore.plot.style import RC

#: Dots per inch of a picture in a notebook.
SMALL_DPI = 75


def picture_bytes(figure: Figure, dpi: int, suffix: str = ".png") -> bytes:
    """File of a figure: PNG, PDF or SVG, as its suffix says."""
    buffer = BytesIO()
    with mpl.rc_context(RC):
        figure.savefig(buffer, format=suffix.removeprefix("."), dpi=dpi)
    return buffer.getvalue()


def data_uri(content: bytes, kind: str) -> str:
    """Address that holds its content; `kind` is a media type, as ``image/png``."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def small_picture(figure: Figure) -> str:
    """Address of a picture for a notebook."""
    return data_uri(picture_bytes(figure, SMALL_DPI), "image/png")


def shown(figure: Figure) -> Figure:
    """Let a notebook show a figure that `matplotlib.pyplot` does not know."""
    figure._repr_png_ = partial(picture_bytes, figure, SMALL_DPI)  # type: ignore[attr-defined]
    return figure
