"""Functions that the expressions of parameters and couplings may use."""

from .object_library import Function, all_functions

complexconjugate = Function(name='complexconjugate', arguments=('z',), expression='z.conjugate()')

re = Function(name='re', arguments=('z',), expression='z.real')

im = Function(name='im', arguments=('z',), expression='z.imag')
