"""The Python functions behind the commands, with the same names and units.

This package puts the two searches and the shared base together; nothing but the command line stands above it.
"""

from collider.events.analyse import AnalyseResult
from nucore.errors import InputError
from nucore.events import GenerateResult, load_events
from nucore.model.card import load_card
from nucore.model.parameters import PortalParameters
from nucore.reports.fit_report import FitReport
from nucore.reports.toy_report import ToyReport
from nucore.run.chunks import Shard
from nucore.run.executors import Execution
from nuportal.api.experiments import card_of, card_origin, card_schema, experiment_sha256, experiments
from nuportal.api.fits import export, fit, toys
from nuportal.api.generation import analyse, decay, generate, kernel_compiles
from nuportal.api.merging import merge
from nuportal.api.projections import expected_spectrum, project
from nuportal.api.quantities import ModelResult
from nuportal.api.quantities import model as _model
from nuportal.api.reproduction import Reproduction, reproduce
from nuportal.api.requests import recorded
from nuportal.api.scans import ScanResult, scan
from nuportal.api.universality import FlavoursReport, flavours
from nuportal.api.verdicts import Verdict, VerdictOptions, check, limits

model = recorded(_model)
model.__module__ = __name__  # where it is found

__all__ = [
    "AnalyseResult",
    "Execution",
    "FitReport",
    "FlavoursReport",
    "GenerateResult",
    "InputError",
    "ModelResult",
    "PortalParameters",
    "Reproduction",
    "ScanResult",
    "Shard",
    "ToyReport",
    "Verdict",
    "VerdictOptions",
    "analyse",
    "card_of",
    "card_origin",
    "card_schema",
    "check",
    "decay",
    "expected_spectrum",
    "experiment_sha256",
    "experiments",
    "export",
    "fit",
    "flavours",
    "generate",
    "kernel_compiles",
    "limits",
    "load_card",
    "load_events",
    "merge",
    "model",
    "project",
    "reproduce",
    "scan",
    "toys",
]
