"""Backgrounds of leptonic meson decays."""
