"""Words of a picture that stand on each other, on a frame, or outside of the picture."""

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

#: Pixels that boxes may share: they are a little larger than what is drawn.
_SLACK = 1.0


def collisions(figure, dpi=100.0):
    """Pairs of words that overlap, and words that cross a frame of axes or leave the figure."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = []
    outer = dict.fromkeys(t for t in (figure._suptitle, figure._supxlabel, *figure.texts) if t is not None)
    words = [("figure", text, text) for text in outer]
    words += [("legend", legend, legend.get_texts()[0]) for legend in figure.legends if legend.get_texts()]
    for k, axes in enumerate(figure.axes):
        words += [(k, text, text) for text in _words_of(axes)]
        if axes.get_legend() is not None:
            words.append((k, axes.get_legend(), axes.get_legend().get_texts()[0]))
    boxes = [(where, text.get_text(), _box(artist, renderer)) for where, artist, text in words]
    for (_, one, first), (_, other, second) in combinations(boxes, 2):
        if first.overlaps(second):
            found.append((one, other))
    for where, text, box in boxes:
        if not (
            figure.bbox.x0 <= box.x0
            and box.x1 <= figure.bbox.x1
            and figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1
        ):
            found.append((text, "outside of the figure"))
        for k, axes in enumerate(figure.axes):
            frame = axes.get_window_extent(renderer)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if frame.overlaps(box) and not (inside and where == k):
                found.append((text, f"frame {k}"))
    return found


def _words_of(axes):
    """Texts of axes, but for rotated ones, whose boxes are larger than they are."""
    if not axes.axison:
        return list(axes.texts)
    titles = [axes.title, axes._left_title, axes._right_title, axes.xaxis.label, axes.yaxis.label]
    ticks = [label for axis in (axes.xaxis, axes.yaxis) for label in _tick_labels(axis)]
    offsets = [axes.xaxis.offsetText, axes.yaxis.offsetText]
    return [
        text for text in (*titles, *ticks, *offsets, *axes.texts)
        if text.get_visible() and text.get_text() and text.get_rotation() % 90.0 == 0.0
    ]  # fmt: skip


def _tick_labels(axis):
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [label for tick in ticks if low <= tick.get_loc() <= high for label in (tick.label1, tick.label2)]


def _box(artist, renderer):
    box = artist.get_window_extent(renderer)
    return Bbox.from_extents(box.x0 + _SLACK, box.y0 + _SLACK, box.x1 - _SLACK, box.y1 - _SLACK)
