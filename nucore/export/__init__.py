"""The same likelihood and spectra for other tools: pyhf, HS3, HEPData, UHI and ROOT; pyhf workspaces back."""

from nucore.export.content import ExportContent, Histogram
from nucore.export.formats import FORMATS, ExportResult, check_format, write_export
from nucore.export.hepdata import hepdata_submission
from nucore.export.hs3 import hs3_document
from nucore.export.pyhf_reader import PyhfWorkspace, is_pyhf_workspace, read_pyhf_workspace
from nucore.export.pyhf_writer import pyhf_workspace

__all__ = [
    "FORMATS",
    "ExportContent",
    "ExportResult",
    "Histogram",
    "PyhfWorkspace",
    "check_format",
    "hepdata_submission",
    "hs3_document",
    "is_pyhf_workspace",
    "pyhf_workspace",
    "read_pyhf_workspace",
    "write_export",
]
