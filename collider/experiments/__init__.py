"""Experiment cards, selections and detector response."""
