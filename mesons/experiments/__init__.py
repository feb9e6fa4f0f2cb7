"""Experiment cards, response and calibration."""
