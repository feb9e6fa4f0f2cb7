"""Orders that count couplings: strong, electroweak, dark, and of the effective mesons.

The mixing of nu4 counts as QED, so that nu4 and the light neutrinos appear together in a process; NP counts the
couplings to chi and phi. The large hierarchy of MES keeps mesons out of every process that can go without them.
"""

from .object_library import CouplingOrder, all_orders

QCD = CouplingOrder(name='QCD', expansion_order=99, hierarchy=1)

QED = CouplingOrder(name='QED', expansion_order=99, hierarchy=2)

NP = CouplingOrder(name='NP', expansion_order=99, hierarchy=2)

MES = CouplingOrder(name='MES', expansion_order=99, hierarchy=10)
