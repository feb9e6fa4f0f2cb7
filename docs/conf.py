"""Sphinx configuration of the nuportal documentation."""

import nuportal

project = "nuportal"
author = "The nuportal developers"
copyright = "2026, The nuportal developers"
release = nuportal.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"
html_theme = "pydata_sphinx_theme"
html_title = "nuportal"
html_theme_options = {"navigation_with_keys": False}
exclude_patterns = ["_build"]
autodoc_typehints = "none"


def _escape_bars(app, what, name, obj, options, lines):
    """Keep the bars of |U|^2 in docstrings from being read as reST substitutions; literals stay as they are."""
    for i, line in enumerate(lines):
        parts = line.split("``")
        lines[i] = "``".join(p.replace("|", r"\|") if k % 2 == 0 else p for k, p in enumerate(parts))


def setup(app):
    app.connect("autodoc-process-docstring", _escape_bars)
