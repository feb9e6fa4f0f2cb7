"""The same likelihood and spectra for other tools: pyhf, HS3, HEPData, UHI and ROOT; pyhf workspaces back."""

from nuportal.export.content import ExportContent, Histogram
from nuportal.export.formats import FORMATS, ExportResult, check_format, write_export
from nuportal.export.hepdata import hepdata_submission
from nuportal.export.hs3 import hs3_document
from nuportal.export.pyhf_reader import PyhfWorkspace, is_pyhf_workspace, read_pyhf_workspace
from nuportal.export.pyhf_writer import pyhf_workspace

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
