"""The parameters: the external ones by their place in the parameter card, then what follows from them."""

import cmath

from .function_library import complexconjugate
from .object_library import all_parameters, Parameter

ZERO = Parameter(name='ZERO', nature='internal', type='real', value='0.0', texname='0')

# muon lifetime, MuLan, arXiv:1211.0960; GeV^-2
Gf = Parameter(name='Gf', nature='external', type='real', value=1.1663788e-05, texname='G_F', lhablock='SMINPUTS', lhacode=[2])

# at m_Z, PDG 2024
aS = Parameter(name='aS', nature='external', type='real', value=0.118, texname='\\alpha_s', lhablock='SMINPUTS', lhacode=[3])

# MSbar at 2 GeV; quark masses PDG 2026
MD = Parameter(name='MD', nature='external', type='real', value=0.0047, texname='m_d', lhablock='MASS', lhacode=[1])

MU = Parameter(name='MU', nature='external', type='real', value=0.00216, texname='m_u', lhablock='MASS', lhacode=[2])

MS = Parameter(name='MS', nature='external', type='real', value=0.0929, texname='m_s', lhablock='MASS', lhacode=[3])

# MSbar at m_c
MC = Parameter(name='MC', nature='external', type='real', value=1.2729, texname='m_c', lhablock='MASS', lhacode=[4])

# MSbar at m_b
MB = Parameter(name='MB', nature='external', type='real', value=4.186, texname='m_b', lhablock='MASS', lhacode=[5])

# direct measurements
MT = Parameter(name='MT', nature='external', type='real', value=172.6, texname='m_t', lhablock='MASS', lhacode=[6])

# lepton, meson and boson masses PDG 2026
Me = Parameter(name='Me', nature='external', type='real', value=0.00051099895069, texname='m_e', lhablock='MASS', lhacode=[11])

MMU = Parameter(name='MMU', nature='external', type='real', value=0.1056583755, texname='m_\\mu', lhablock='MASS', lhacode=[13])

MTA = Parameter(name='MTA', nature='external', type='real', value=1.77693, texname='m_\\tau', lhablock='MASS', lhacode=[15])

MZ = Parameter(name='MZ', nature='external', type='real', value=91.1879, texname='m_Z', lhablock='MASS', lhacode=[23])

# an input; LHC-TeV W-mass working group average
MW = Parameter(name='MW', nature='external', type='real', value=80.3625, texname='m_W', lhablock='MASS', lhacode=[24])

MH = Parameter(name='MH', nature='external', type='real', value=125.13, texname='m_h', lhablock='MASS', lhacode=[25])

Mphi = Parameter(name='Mphi', nature='external', type='real', value=0.06, texname='m_\\phi', lhablock='MASS', lhacode=[51])

Mchi = Parameter(name='Mchi', nature='external', type='real', value=0.02, texname='m_\\chi', lhablock='MASS', lhacode=[52])

MPI = Parameter(name='MPI', nature='external', type='real', value=0.13957039, texname='m_\\pi', lhablock='MASS', lhacode=[211])

MK = Parameter(name='MK', nature='external', type='real', value=0.493677, texname='m_K', lhablock='MASS', lhacode=[321])

Mn4 = Parameter(name='Mn4', nature='external', type='real', value=10.0, texname='m_4', lhablock='MASS', lhacode=[9990012])

Ue4 = Parameter(name='Ue4', nature='external', type='real', value=0.0, texname='U_{e4}', lhablock='NUMIXING', lhacode=[1])

Umu4 = Parameter(name='Umu4', nature='external', type='real', value=0.01, texname='U_{mu4}', lhablock='NUMIXING', lhacode=[2])

Utau4 = Parameter(name='Utau4', nature='external', type='real', value=0.0, texname='U_{tau4}', lhablock='NUMIXING', lhacode=[3])

yL = Parameter(name='yL', nature='external', type='real', value=1.35, texname='y_L', lhablock='DARKYUKAWA', lhacode=[1])

yR = Parameter(name='yR', nature='external', type='real', value=0.0, texname='y_R', lhablock='DARKYUKAWA', lhacode=[2])

# Wolfenstein parameters: PDG 2024, CKM review
lamWS = Parameter(name='lamWS', nature='external', type='real', value=0.22501, texname='\\lambda', lhablock='VCKMIN', lhacode=[1])

AWS = Parameter(name='AWS', nature='external', type='real', value=0.826, texname='A', lhablock='VCKMIN', lhacode=[2])

rhoWS = Parameter(name='rhoWS', nature='external', type='real', value=0.1591, texname='\\bar\\rho', lhablock='VCKMIN', lhacode=[3])

etaWS = Parameter(name='etaWS', nature='external', type='real', value=0.3523, texname='\\bar\\eta', lhablock='VCKMIN', lhacode=[4])

# FLAG 2021, Nf = 2+1, arXiv:2111.09849; GeV
fPI = Parameter(name='fPI', nature='external', type='real', value=0.1302, texname='f_\\pi', lhablock='FCONST', lhacode=[211, 1])

# FLAG 2021, Nf = 2+1+1, arXiv:2111.09849; GeV
fK = Parameter(name='fK', nature='external', type='real', value=0.1557, texname='f_K', lhablock='FCONST', lhacode=[321, 1])

# widths of t, Z, W, h, phi, nu4: sums of the two-body widths in decays.py; GeV
WT = Parameter(name='WT', nature='external', type='real', value=1.4807362358562872, texname='\\Gamma_t', lhablock='DECAY', lhacode=[6])

# 1/lifetime, PDG 2026
WTA = Parameter(name='WTA', nature='external', type='real', value=2.267350867723045e-12, texname='\\Gamma_\\tau', lhablock='DECAY', lhacode=[15])

WZ = Parameter(name='WZ', nature='external', type='real', value=2.439310615387867, texname='\\Gamma_Z', lhablock='DECAY', lhacode=[23])

WW = Parameter(name='WW', nature='external', type='real', value=2.0433129027788164, texname='\\Gamma_W', lhablock='DECAY', lhacode=[24])

WH = Parameter(name='WH', nature='external', type='real', value=0.0049499853102806645, texname='\\Gamma_h', lhablock='DECAY', lhacode=[25])

Wphi = Parameter(name='Wphi', nature='external', type='real', value=1.71887338539247e-07, texname='\\Gamma_\\phi', lhablock='DECAY', lhacode=[51])

Wn4 = Parameter(name='Wn4', nature='external', type='real', value=0.18125624741319807, texname='\\Gamma_4', lhablock='DECAY', lhacode=[9990012])

# tree relations of G_F, m_Z, m_W
vev = Parameter(name='vev', nature='internal', type='real', value='1/cmath.sqrt(cmath.sqrt(2)*Gf)', texname='v')

cw = Parameter(name='cw', nature='internal', type='real', value='MW/MZ', texname='c_W')

sw2 = Parameter(name='sw2', nature='internal', type='real', value='(MZ - MW)*(MZ + MW)/MZ**2', texname='s_W^2')

sw = Parameter(name='sw', nature='internal', type='real', value='cmath.sqrt(sw2)', texname='s_W')

gw = Parameter(name='gw', nature='internal', type='real', value='2*MW/vev', texname='g')

ee = Parameter(name='ee', nature='internal', type='real', value='gw*sw', texname='e')

aEW = Parameter(name='aEW', nature='internal', type='real', value='ee**2/(4*cmath.pi)', texname='\\alpha')

G = Parameter(name='G', nature='internal', type='real', value='2*cmath.sqrt(aS)*cmath.sqrt(cmath.pi)', texname='g_s')

lam = Parameter(name='lam', nature='internal', type='real', value='MH**2/(2*vev**2)', texname='\\lambda_h')

# mixing: nu_l = sum_j V_lj nu_j + U_l4 nu4, regular at zero mixing
U4sq = Parameter(name='U4sq', nature='internal', type='real', value='Ue4**2 + Umu4**2 + Utau4**2', texname='s^2')

UN4 = Parameter(name='UN4', nature='internal', type='real', value='cmath.sqrt(1 - U4sq)', texname='c')

Vee = Parameter(name='Vee', nature='internal', type='real', value='1 - Ue4*Ue4/(1 + UN4)', texname='V_{ee}')

Vem = Parameter(name='Vem', nature='internal', type='real', value='-Ue4*Umu4/(1 + UN4)', texname='V_{em}')

Vet = Parameter(name='Vet', nature='internal', type='real', value='-Ue4*Utau4/(1 + UN4)', texname='V_{et}')

Vme = Parameter(name='Vme', nature='internal', type='real', value='-Umu4*Ue4/(1 + UN4)', texname='V_{me}')

Vmm = Parameter(name='Vmm', nature='internal', type='real', value='1 - Umu4*Umu4/(1 + UN4)', texname='V_{mm}')

Vmt = Parameter(name='Vmt', nature='internal', type='real', value='-Umu4*Utau4/(1 + UN4)', texname='V_{mt}')

Vte = Parameter(name='Vte', nature='internal', type='real', value='-Utau4*Ue4/(1 + UN4)', texname='V_{te}')

Vtm = Parameter(name='Vtm', nature='internal', type='real', value='-Utau4*Umu4/(1 + UN4)', texname='V_{tm}')

Vtt = Parameter(name='Vtt', nature='internal', type='real', value='1 - Utau4*Utau4/(1 + UN4)', texname='V_{tt}')

# CKM matrix, standard phase convention, exact in the Wolfenstein parameters
s12 = Parameter(name='s12', nature='internal', type='real', value='lamWS', texname='s_{12}')

s23 = Parameter(name='s23', nature='internal', type='real', value='AWS*lamWS**2', texname='s_{23}')

Vub = Parameter(name='Vub', nature='internal', type='complex', value='AWS*lamWS**3*(rhoWS - complex(0,1)*etaWS)*cmath.sqrt(1 - AWS**2*lamWS**4)/(cmath.sqrt(1 - lamWS**2)*(1 - AWS**2*lamWS**4*(rhoWS - complex(0,1)*etaWS)))', texname='V_{ub}')

s13sq = Parameter(name='s13sq', nature='internal', type='real', value='Vub*complexconjugate(Vub)', texname='s_{13}^2')

c12 = Parameter(name='c12', nature='internal', type='real', value='cmath.sqrt(1 - s12**2)', texname='c_{12}')

c23 = Parameter(name='c23', nature='internal', type='real', value='cmath.sqrt(1 - s23**2)', texname='c_{23}')

c13 = Parameter(name='c13', nature='internal', type='real', value='cmath.sqrt(1 - s13sq)', texname='c_{13}')

Vud = Parameter(name='Vud', nature='internal', type='real', value='c12*c13', texname='V_{ud}')

Vus = Parameter(name='Vus', nature='internal', type='real', value='s12*c13', texname='V_{us}')

Vcd = Parameter(name='Vcd', nature='internal', type='complex', value='-s12*c23 - c12*s23*complexconjugate(Vub)', texname='V_{cd}')

Vcs = Parameter(name='Vcs', nature='internal', type='complex', value='c12*c23 - s12*s23*complexconjugate(Vub)', texname='V_{cs}')

Vcb = Parameter(name='Vcb', nature='internal', type='real', value='s23*c13', texname='V_{cb}')

Vtd = Parameter(name='Vtd', nature='internal', type='complex', value='s12*s23 - c12*c23*complexconjugate(Vub)', texname='V_{td}')

Vts = Parameter(name='Vts', nature='internal', type='complex', value='-c12*s23 - s12*c23*complexconjugate(Vub)', texname='V_{ts}')

Vtb = Parameter(name='Vtb', nature='internal', type='real', value='c23*c13', texname='V_{tb}')
