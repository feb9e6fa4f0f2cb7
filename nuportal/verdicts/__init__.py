"""Verdicts on parameter points: every limit compared with the prediction."""
