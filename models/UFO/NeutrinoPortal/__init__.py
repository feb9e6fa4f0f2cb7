"""Dirac neutrino portal (arXiv:1709.07001) with the full Standard Model in unitary gauge, as a UFO model."""

from . import particles
from . import couplings
from . import lorentz
from . import parameters
from . import vertices
from . import coupling_orders
from . import function_library
from . import object_library
from . import decays
from . import write_param_card

all_particles = particles.all_particles
all_vertices = vertices.all_vertices
all_couplings = couplings.all_couplings
all_lorentz = lorentz.all_lorentz
all_parameters = parameters.all_parameters
all_orders = coupling_orders.all_orders
all_functions = function_library.all_functions
all_decays = decays.all_decays
all_form_factors = object_library.all_form_factors
all_propagators = object_library.all_propagators

#: Unitary gauge only: there are no Goldstone bosons and no ghosts.
gauge = [0]

__author__ = 'The nuportal developers'
__version__ = '1.0.0'
__date__ = '2026'
__arxiv__ = 'https://arxiv.org/abs/1709.07001'
