"""The particles: the Standard Model, nu4, chi, phi, and the charged pion and kaon.

ve, vm, vt are the three massless mass eigenstates in the basis where W l nu_j carries
V_lj = delta_lj - U_l4 U_j4/(1 + c), c^2 = 1 - sum |U_l4|^2.
"""

from __future__ import division

from . import parameters as Param
from .object_library import all_particles, Particle

ve = Particle(pdg_code=12, name='ve', antiname='ve~', spin=2, color=1, mass=Param.ZERO, width=Param.ZERO,
    texname='\\nu_1', antitexname='\\bar\\nu_1', charge=0, LeptonNumber=1)

ve__tilde__ = ve.anti()

vm = Particle(pdg_code=14, name='vm', antiname='vm~', spin=2, color=1, mass=Param.ZERO, width=Param.ZERO,
    texname='\\nu_2', antitexname='\\bar\\nu_2', charge=0, LeptonNumber=1)

vm__tilde__ = vm.anti()

vt = Particle(pdg_code=16, name='vt', antiname='vt~', spin=2, color=1, mass=Param.ZERO, width=Param.ZERO,
    texname='\\nu_3', antitexname='\\bar\\nu_3', charge=0, LeptonNumber=1)

vt__tilde__ = vt.anti()

n4 = Particle(pdg_code=9990012, name='n4', antiname='n4~', spin=2, color=1, mass=Param.Mn4, width=Param.Wn4,
    texname='\\nu_4', antitexname='\\bar\\nu_4', charge=0, LeptonNumber=1)

n4__tilde__ = n4.anti()

e__minus__ = Particle(pdg_code=11, name='e-', antiname='e+', spin=2, color=1, mass=Param.Me, width=Param.ZERO,
    texname='e^-', antitexname='e^+', charge=-1, LeptonNumber=1)

e__plus__ = e__minus__.anti()

mu__minus__ = Particle(pdg_code=13, name='mu-', antiname='mu+', spin=2, color=1, mass=Param.MMU, width=Param.ZERO,
    texname='\\mu^-', antitexname='\\mu^+', charge=-1, LeptonNumber=1)

mu__plus__ = mu__minus__.anti()

ta__minus__ = Particle(pdg_code=15, name='ta-', antiname='ta+', spin=2, color=1, mass=Param.MTA, width=Param.WTA,
    texname='\\tau^-', antitexname='\\tau^+', charge=-1, LeptonNumber=1)

ta__plus__ = ta__minus__.anti()

u = Particle(pdg_code=2, name='u', antiname='u~', spin=2, color=3, mass=Param.MU, width=Param.ZERO,
    texname='u', antitexname='\\bar{u}', charge=2./3., LeptonNumber=0)

u__tilde__ = u.anti()

c = Particle(pdg_code=4, name='c', antiname='c~', spin=2, color=3, mass=Param.MC, width=Param.ZERO,
    texname='c', antitexname='\\bar{c}', charge=2./3., LeptonNumber=0)

c__tilde__ = c.anti()

t = Particle(pdg_code=6, name='t', antiname='t~', spin=2, color=3, mass=Param.MT, width=Param.WT,
    texname='t', antitexname='\\bar{t}', charge=2./3., LeptonNumber=0)

t__tilde__ = t.anti()

d = Particle(pdg_code=1, name='d', antiname='d~', spin=2, color=3, mass=Param.MD, width=Param.ZERO,
    texname='d', antitexname='\\bar{d}', charge=-1./3., LeptonNumber=0)

d__tilde__ = d.anti()

s = Particle(pdg_code=3, name='s', antiname='s~', spin=2, color=3, mass=Param.MS, width=Param.ZERO,
    texname='s', antitexname='\\bar{s}', charge=-1./3., LeptonNumber=0)

s__tilde__ = s.anti()

b = Particle(pdg_code=5, name='b', antiname='b~', spin=2, color=3, mass=Param.MB, width=Param.ZERO,
    texname='b', antitexname='\\bar{b}', charge=-1./3., LeptonNumber=0)

b__tilde__ = b.anti()

a = Particle(pdg_code=22, name='a', antiname='a', spin=3, color=1, mass=Param.ZERO, width=Param.ZERO,
    texname='\\gamma', antitexname='\\gamma', charge=0, LeptonNumber=0)

Z = Particle(pdg_code=23, name='Z', antiname='Z', spin=3, color=1, mass=Param.MZ, width=Param.WZ,
    texname='Z', antitexname='Z', charge=0, LeptonNumber=0)

W__plus__ = Particle(pdg_code=24, name='W+', antiname='W-', spin=3, color=1, mass=Param.MW, width=Param.WW,
    texname='W^+', antitexname='W^-', charge=1, LeptonNumber=0)

W__minus__ = W__plus__.anti()

g = Particle(pdg_code=21, name='g', antiname='g', spin=3, color=8, mass=Param.ZERO, width=Param.ZERO,
    texname='g', antitexname='g', charge=0, LeptonNumber=0)

H = Particle(pdg_code=25, name='H', antiname='H', spin=1, color=1, mass=Param.MH, width=Param.WH,
    texname='h', antitexname='h', charge=0, LeptonNumber=0)

chi = Particle(pdg_code=52, name='chi', antiname='chi~', spin=2, color=1, mass=Param.Mchi, width=Param.ZERO,
    texname='\\chi', antitexname='\\bar\\chi', charge=0, LeptonNumber=1)

chi__tilde__ = chi.anti()

phi = Particle(pdg_code=51, name='phi', antiname='phi~', spin=1, color=1, mass=Param.Mphi, width=Param.Wphi,
    texname='\\phi', antitexname='\\phi^*', charge=0, LeptonNumber=0)

phi__tilde__ = phi.anti()

pi__plus__ = Particle(pdg_code=211, name='pi+', antiname='pi-', spin=1, color=1, mass=Param.MPI, width=Param.ZERO,
    texname='\\pi^+', antitexname='\\pi^-', charge=1, LeptonNumber=0)

pi__minus__ = pi__plus__.anti()

K__plus__ = Particle(pdg_code=321, name='K+', antiname='K-', spin=1, color=1, mass=Param.MK, width=Param.ZERO,
    texname='K^+', antitexname='K^-', charge=1, LeptonNumber=0)

K__minus__ = K__plus__.anti()
