"""Sphinx configuration of the nuportal documentation; nothing in the pages needs a network."""

import sys
from importlib.util import find_spec
from pathlib import Path

import nuportal

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "nuportal"
author = "The nuportal developers"
copyright = "2026, The nuportal developers"
release = nuportal.__version__
exclude_patterns = ["_build", "**/w-observed/*.md"]
templates_path: list[str] = []

extensions = [
    "myst_nb",
    "reference_pages",
    "run_command",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
autodoc_typehints = "none"
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
copybutton_selector = "div.highlight-console pre, div.highlight-python pre, div.highlight-toml pre"

myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parent / "_build" / "notebooks")
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300

#: MathJax with its glyphs as outlines is one file, which needs neither fonts nor a network.
_mathjax = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax" / "tex-svg.js"
mathjax_path = _mathjax.name

html_theme = "pydata_sphinx_theme"
html_title = "nuportal"
html_static_path = ["_static", str(_mathjax)]
html_css_files = ["nuportal.css"]
html_show_sourcelink = False
html_sidebars = {"index": []}
html_theme_options = {
    "navigation_with_keys": False,
    "logo": {"text": "nuportal"},
    "navbar_align": "left",
    "header_links_before_dropdown": 4,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": False,
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}


def _escape_bars(app, what, name, obj, options, lines):
    """Keep the bars of |U|^2 in docstrings from being read as reST substitutions; literals and examples stay."""
    example = False
    for i, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if example:
            continue
        parts = line.split("``")
        lines[i] = "``".join(p.replace("|", r"\|") if k % 2 == 0 else p for k, p in enumerate(parts))


def setup(app):
    app.connect("autodoc-process-docstring", _escape_bars)
