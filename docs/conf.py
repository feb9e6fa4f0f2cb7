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
