"""The two-body partial widths, in GeV; each holds above its threshold only."""

import cmath

from . import particles as P
from .object_library import all_decays, Decay

Decay_Z = Decay(name='Decay_Z', particle=P.Z, partial_widths={
    (P.e__minus__, P.e__plus__): '((gw**2/(4*cw**2)*(-1 + 2*sw2)**2 + gw**2/(4*cw**2)*(2*sw2)**2)*(2*MZ**2 - 2*Me**2) + 12*gw**2/(4*cw**2)*(-1 + 2*sw2)*(2*sw2)*Me*Me)*cmath.sqrt((MZ - 2*Me)*(MZ + 2*Me))*MZ/(48.*cmath.pi*MZ**3)',
    (P.mu__minus__, P.mu__plus__): '((gw**2/(4*cw**2)*(-1 + 2*sw2)**2 + gw**2/(4*cw**2)*(2*sw2)**2)*(2*MZ**2 - 2*MMU**2) + 12*gw**2/(4*cw**2)*(-1 + 2*sw2)*(2*sw2)*MMU*MMU)*cmath.sqrt((MZ - 2*MMU)*(MZ + 2*MMU))*MZ/(48.*cmath.pi*MZ**3)',
    (P.ta__minus__, P.ta__plus__): '((gw**2/(4*cw**2)*(-1 + 2*sw2)**2 + gw**2/(4*cw**2)*(2*sw2)**2)*(2*MZ**2 - 2*MTA**2) + 12*gw**2/(4*cw**2)*(-1 + 2*sw2)*(2*sw2)*MTA*MTA)*cmath.sqrt((MZ - 2*MTA)*(MZ + 2*MTA))*MZ/(48.*cmath.pi*MZ**3)',
    (P.u, P.u__tilde__): '(3*((gw**2/(4*cw**2)*(1 - 4*sw2/3.)**2 + gw**2/(4*cw**2)*(-4*sw2/3.)**2)*(2*MZ**2 - 2*MU**2) + 12*gw**2/(4*cw**2)*(1 - 4*sw2/3.)*(-4*sw2/3.)*MU*MU))*cmath.sqrt((MZ - 2*MU)*(MZ + 2*MU))*MZ/(48.*cmath.pi*MZ**3)',
    (P.c, P.c__tilde__): '(3*((gw**2/(4*cw**2)*(1 - 4*sw2/3.)**2 + gw**2/(4*cw**2)*(-4*sw2/3.)**2)*(2*MZ**2 - 2*MC**2) + 12*gw**2/(4*cw**2)*(1 - 4*sw2/3.)*(-4*sw2/3.)*MC*MC))*cmath.sqrt((MZ - 2*MC)*(MZ + 2*MC))*MZ/(48.*cmath.pi*MZ**3)',
    (P.t, P.t__tilde__): '(3*((gw**2/(4*cw**2)*(1 - 4*sw2/3.)**2 + gw**2/(4*cw**2)*(-4*sw2/3.)**2)*(2*MZ**2 - 2*MT**2) + 12*gw**2/(4*cw**2)*(1 - 4*sw2/3.)*(-4*sw2/3.)*MT*MT))*cmath.sqrt((MZ - 2*MT)*(MZ + 2*MT))*MZ/(48.*cmath.pi*MZ**3)',
    (P.d, P.d__tilde__): '(3*((gw**2/(4*cw**2)*(-1 + 2*sw2/3.)**2 + gw**2/(4*cw**2)*(2*sw2/3.)**2)*(2*MZ**2 - 2*MD**2) + 12*gw**2/(4*cw**2)*(-1 + 2*sw2/3.)*(2*sw2/3.)*MD*MD))*cmath.sqrt((MZ - 2*MD)*(MZ + 2*MD))*MZ/(48.*cmath.pi*MZ**3)',
    (P.s, P.s__tilde__): '(3*((gw**2/(4*cw**2)*(-1 + 2*sw2/3.)**2 + gw**2/(4*cw**2)*(2*sw2/3.)**2)*(2*MZ**2 - 2*MS**2) + 12*gw**2/(4*cw**2)*(-1 + 2*sw2/3.)*(2*sw2/3.)*MS*MS))*cmath.sqrt((MZ - 2*MS)*(MZ + 2*MS))*MZ/(48.*cmath.pi*MZ**3)',
    (P.b, P.b__tilde__): '(3*((gw**2/(4*cw**2)*(-1 + 2*sw2/3.)**2 + gw**2/(4*cw**2)*(2*sw2/3.)**2)*(2*MZ**2 - 2*MB**2) + 12*gw**2/(4*cw**2)*(-1 + 2*sw2/3.)*(2*sw2/3.)*MB*MB))*cmath.sqrt((MZ - 2*MB)*(MZ + 2*MB))*MZ/(48.*cmath.pi*MZ**3)',
    (P.ve, P.ve__tilde__): '(gw**2/(4*cw**2)*(1 - Ue4**2)**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.ve, P.vm__tilde__): '(gw**2/(4*cw**2)*Ue4**2*Umu4**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.ve, P.vt__tilde__): '(gw**2/(4*cw**2)*Ue4**2*Utau4**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.vm, P.ve__tilde__): '(gw**2/(4*cw**2)*Umu4**2*Ue4**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.vm, P.vm__tilde__): '(gw**2/(4*cw**2)*(1 - Umu4**2)**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.vm, P.vt__tilde__): '(gw**2/(4*cw**2)*Umu4**2*Utau4**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.vt, P.ve__tilde__): '(gw**2/(4*cw**2)*Utau4**2*Ue4**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.vt, P.vm__tilde__): '(gw**2/(4*cw**2)*Utau4**2*Umu4**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.vt, P.vt__tilde__): '(gw**2/(4*cw**2)*(1 - Utau4**2)**2*(2*MZ**2))*MZ**2/(48.*cmath.pi*MZ**3)',
    (P.n4, P.ve__tilde__): '(gw**2/(4*cw**2)*UN4**2*Ue4**2*(2*MZ**2 - Mn4**2 - Mn4**4/MZ**2))*(MZ - Mn4)*(MZ + Mn4)/(48.*cmath.pi*MZ**3)',
    (P.ve, P.n4__tilde__): '(gw**2/(4*cw**2)*UN4**2*Ue4**2*(2*MZ**2 - Mn4**2 - Mn4**4/MZ**2))*(MZ - Mn4)*(MZ + Mn4)/(48.*cmath.pi*MZ**3)',
    (P.n4, P.vm__tilde__): '(gw**2/(4*cw**2)*UN4**2*Umu4**2*(2*MZ**2 - Mn4**2 - Mn4**4/MZ**2))*(MZ - Mn4)*(MZ + Mn4)/(48.*cmath.pi*MZ**3)',
    (P.vm, P.n4__tilde__): '(gw**2/(4*cw**2)*UN4**2*Umu4**2*(2*MZ**2 - Mn4**2 - Mn4**4/MZ**2))*(MZ - Mn4)*(MZ + Mn4)/(48.*cmath.pi*MZ**3)',
    (P.n4, P.vt__tilde__): '(gw**2/(4*cw**2)*UN4**2*Utau4**2*(2*MZ**2 - Mn4**2 - Mn4**4/MZ**2))*(MZ - Mn4)*(MZ + Mn4)/(48.*cmath.pi*MZ**3)',
    (P.vt, P.n4__tilde__): '(gw**2/(4*cw**2)*UN4**2*Utau4**2*(2*MZ**2 - Mn4**2 - Mn4**4/MZ**2))*(MZ - Mn4)*(MZ + Mn4)/(48.*cmath.pi*MZ**3)',
    (P.n4, P.n4__tilde__): '(gw**2/(4*cw**2)*U4sq**2*(2*MZ**2 - 2*Mn4**2))*cmath.sqrt((MZ - 2*Mn4)*(MZ + 2*Mn4))*MZ/(48.*cmath.pi*MZ**3)',
})

Decay_W__plus__ = Decay(name='Decay_W__plus__', particle=P.W__plus__, partial_widths={
    (P.ve, P.e__plus__): '(gw**2*Vee**2/2.*(2*MW**2 - Me**2 - Me**4/MW**2))*(MW - Me)*(MW + Me)/(48.*cmath.pi*MW**3)',
    (P.vm, P.e__plus__): '(gw**2*Vem**2/2.*(2*MW**2 - Me**2 - Me**4/MW**2))*(MW - Me)*(MW + Me)/(48.*cmath.pi*MW**3)',
    (P.vt, P.e__plus__): '(gw**2*Vet**2/2.*(2*MW**2 - Me**2 - Me**4/MW**2))*(MW - Me)*(MW + Me)/(48.*cmath.pi*MW**3)',
    (P.n4, P.e__plus__): '(gw**2*Ue4**2/2.*(2*MW**2 - Mn4**2 - Me**2 - ((Mn4 - Me)*(Mn4 + Me))**2/MW**2))*cmath.sqrt((MW - Mn4 - Me)*(MW + Mn4 + Me)*(MW - Mn4 + Me)*(MW + Mn4 - Me))/(48.*cmath.pi*MW**3)',
    (P.ve, P.mu__plus__): '(gw**2*Vme**2/2.*(2*MW**2 - MMU**2 - MMU**4/MW**2))*(MW - MMU)*(MW + MMU)/(48.*cmath.pi*MW**3)',
    (P.vm, P.mu__plus__): '(gw**2*Vmm**2/2.*(2*MW**2 - MMU**2 - MMU**4/MW**2))*(MW - MMU)*(MW + MMU)/(48.*cmath.pi*MW**3)',
    (P.vt, P.mu__plus__): '(gw**2*Vmt**2/2.*(2*MW**2 - MMU**2 - MMU**4/MW**2))*(MW - MMU)*(MW + MMU)/(48.*cmath.pi*MW**3)',
    (P.n4, P.mu__plus__): '(gw**2*Umu4**2/2.*(2*MW**2 - Mn4**2 - MMU**2 - ((Mn4 - MMU)*(Mn4 + MMU))**2/MW**2))*cmath.sqrt((MW - Mn4 - MMU)*(MW + Mn4 + MMU)*(MW - Mn4 + MMU)*(MW + Mn4 - MMU))/(48.*cmath.pi*MW**3)',
    (P.ve, P.ta__plus__): '(gw**2*Vte**2/2.*(2*MW**2 - MTA**2 - MTA**4/MW**2))*(MW - MTA)*(MW + MTA)/(48.*cmath.pi*MW**3)',
    (P.vm, P.ta__plus__): '(gw**2*Vtm**2/2.*(2*MW**2 - MTA**2 - MTA**4/MW**2))*(MW - MTA)*(MW + MTA)/(48.*cmath.pi*MW**3)',
    (P.vt, P.ta__plus__): '(gw**2*Vtt**2/2.*(2*MW**2 - MTA**2 - MTA**4/MW**2))*(MW - MTA)*(MW + MTA)/(48.*cmath.pi*MW**3)',
    (P.n4, P.ta__plus__): '(gw**2*Utau4**2/2.*(2*MW**2 - Mn4**2 - MTA**2 - ((Mn4 - MTA)*(Mn4 + MTA))**2/MW**2))*cmath.sqrt((MW - Mn4 - MTA)*(MW + Mn4 + MTA)*(MW - Mn4 + MTA)*(MW + Mn4 - MTA))/(48.*cmath.pi*MW**3)',
    (P.u, P.d__tilde__): '(3*(gw**2*Vud**2/2.*(2*MW**2 - MU**2 - MD**2 - ((MU - MD)*(MU + MD))**2/MW**2)))*cmath.sqrt((MW - MU - MD)*(MW + MU + MD)*(MW - MU + MD)*(MW + MU - MD))/(48.*cmath.pi*MW**3)',
    (P.u, P.s__tilde__): '(3*(gw**2*Vus**2/2.*(2*MW**2 - MU**2 - MS**2 - ((MU - MS)*(MU + MS))**2/MW**2)))*cmath.sqrt((MW - MU - MS)*(MW + MU + MS)*(MW - MU + MS)*(MW + MU - MS))/(48.*cmath.pi*MW**3)',
    (P.u, P.b__tilde__): '(3*(gw**2*Vub*complexconjugate(Vub)/2.*(2*MW**2 - MU**2 - MB**2 - ((MU - MB)*(MU + MB))**2/MW**2)))*cmath.sqrt((MW - MU - MB)*(MW + MU + MB)*(MW - MU + MB)*(MW + MU - MB))/(48.*cmath.pi*MW**3)',
    (P.c, P.d__tilde__): '(3*(gw**2*Vcd*complexconjugate(Vcd)/2.*(2*MW**2 - MC**2 - MD**2 - ((MC - MD)*(MC + MD))**2/MW**2)))*cmath.sqrt((MW - MC - MD)*(MW + MC + MD)*(MW - MC + MD)*(MW + MC - MD))/(48.*cmath.pi*MW**3)',
    (P.c, P.s__tilde__): '(3*(gw**2*Vcs*complexconjugate(Vcs)/2.*(2*MW**2 - MC**2 - MS**2 - ((MC - MS)*(MC + MS))**2/MW**2)))*cmath.sqrt((MW - MC - MS)*(MW + MC + MS)*(MW - MC + MS)*(MW + MC - MS))/(48.*cmath.pi*MW**3)',
    (P.c, P.b__tilde__): '(3*(gw**2*Vcb**2/2.*(2*MW**2 - MC**2 - MB**2 - ((MC - MB)*(MC + MB))**2/MW**2)))*cmath.sqrt((MW - MC - MB)*(MW + MC + MB)*(MW - MC + MB)*(MW + MC - MB))/(48.*cmath.pi*MW**3)',
    (P.t, P.d__tilde__): '(3*(gw**2*Vtd*complexconjugate(Vtd)/2.*(2*MW**2 - MT**2 - MD**2 - ((MT - MD)*(MT + MD))**2/MW**2)))*cmath.sqrt((MW - MT - MD)*(MW + MT + MD)*(MW - MT + MD)*(MW + MT - MD))/(48.*cmath.pi*MW**3)',
    (P.t, P.s__tilde__): '(3*(gw**2*Vts*complexconjugate(Vts)/2.*(2*MW**2 - MT**2 - MS**2 - ((MT - MS)*(MT + MS))**2/MW**2)))*cmath.sqrt((MW - MT - MS)*(MW + MT + MS)*(MW - MT + MS)*(MW + MT - MS))/(48.*cmath.pi*MW**3)',
    (P.t, P.b__tilde__): '(3*(gw**2*Vtb**2/2.*(2*MW**2 - MT**2 - MB**2 - ((MT - MB)*(MT + MB))**2/MW**2)))*cmath.sqrt((MW - MT - MB)*(MW + MT + MB)*(MW - MT + MB)*(MW + MT - MB))/(48.*cmath.pi*MW**3)',
})

Decay_H = Decay(name='Decay_H', particle=P.H, partial_widths={
    (P.e__minus__, P.e__plus__): '(2*Me**2*(MH - 2*Me)*(MH + 2*Me)/vev**2)*cmath.sqrt((MH - 2*Me)*(MH + 2*Me))*MH/(16.*cmath.pi*MH**3)',
    (P.mu__minus__, P.mu__plus__): '(2*MMU**2*(MH - 2*MMU)*(MH + 2*MMU)/vev**2)*cmath.sqrt((MH - 2*MMU)*(MH + 2*MMU))*MH/(16.*cmath.pi*MH**3)',
    (P.ta__minus__, P.ta__plus__): '(2*MTA**2*(MH - 2*MTA)*(MH + 2*MTA)/vev**2)*cmath.sqrt((MH - 2*MTA)*(MH + 2*MTA))*MH/(16.*cmath.pi*MH**3)',
    (P.u, P.u__tilde__): '(3*2*MU**2*(MH - 2*MU)*(MH + 2*MU)/vev**2)*cmath.sqrt((MH - 2*MU)*(MH + 2*MU))*MH/(16.*cmath.pi*MH**3)',
    (P.c, P.c__tilde__): '(3*2*MC**2*(MH - 2*MC)*(MH + 2*MC)/vev**2)*cmath.sqrt((MH - 2*MC)*(MH + 2*MC))*MH/(16.*cmath.pi*MH**3)',
    (P.t, P.t__tilde__): '(3*2*MT**2*(MH - 2*MT)*(MH + 2*MT)/vev**2)*cmath.sqrt((MH - 2*MT)*(MH + 2*MT))*MH/(16.*cmath.pi*MH**3)',
    (P.d, P.d__tilde__): '(3*2*MD**2*(MH - 2*MD)*(MH + 2*MD)/vev**2)*cmath.sqrt((MH - 2*MD)*(MH + 2*MD))*MH/(16.*cmath.pi*MH**3)',
    (P.s, P.s__tilde__): '(3*2*MS**2*(MH - 2*MS)*(MH + 2*MS)/vev**2)*cmath.sqrt((MH - 2*MS)*(MH + 2*MS))*MH/(16.*cmath.pi*MH**3)',
    (P.b, P.b__tilde__): '(3*2*MB**2*(MH - 2*MB)*(MH + 2*MB)/vev**2)*cmath.sqrt((MH - 2*MB)*(MH + 2*MB))*MH/(16.*cmath.pi*MH**3)',
    (P.W__plus__, P.W__minus__): '(gw**2*MW**2*(2 + (MH**2 - 2*MW**2)**2/(4.*MW**4)))*cmath.sqrt((MH - 2*MW)*(MH + 2*MW))*MH/(16.*cmath.pi*MH**3)',
    (P.Z, P.Z): '(gw**2*MZ**2/cw**2*(2 + (MH**2 - 2*MZ**2)**2/(4.*MZ**4)))*cmath.sqrt((MH - 2*MZ)*(MH + 2*MZ))*MH/(32.*cmath.pi*MH**3)',
    (P.n4, P.ve__tilde__): '(Mn4**2*UN4**2*Ue4**2/vev**2*(MH**2 - Mn4**2))*(MH - Mn4)*(MH + Mn4)/(16.*cmath.pi*MH**3)',
    (P.ve, P.n4__tilde__): '(Mn4**2*UN4**2*Ue4**2/vev**2*(MH**2 - Mn4**2))*(MH - Mn4)*(MH + Mn4)/(16.*cmath.pi*MH**3)',
    (P.n4, P.vm__tilde__): '(Mn4**2*UN4**2*Umu4**2/vev**2*(MH**2 - Mn4**2))*(MH - Mn4)*(MH + Mn4)/(16.*cmath.pi*MH**3)',
    (P.vm, P.n4__tilde__): '(Mn4**2*UN4**2*Umu4**2/vev**2*(MH**2 - Mn4**2))*(MH - Mn4)*(MH + Mn4)/(16.*cmath.pi*MH**3)',
    (P.n4, P.vt__tilde__): '(Mn4**2*UN4**2*Utau4**2/vev**2*(MH**2 - Mn4**2))*(MH - Mn4)*(MH + Mn4)/(16.*cmath.pi*MH**3)',
    (P.vt, P.n4__tilde__): '(Mn4**2*UN4**2*Utau4**2/vev**2*(MH**2 - Mn4**2))*(MH - Mn4)*(MH + Mn4)/(16.*cmath.pi*MH**3)',
    (P.n4, P.n4__tilde__): '(2*Mn4**2*U4sq**2*(MH - 2*Mn4)*(MH + 2*Mn4)/vev**2)*cmath.sqrt((MH - 2*Mn4)*(MH + 2*Mn4))*MH/(16.*cmath.pi*MH**3)',
})

Decay_t = Decay(name='Decay_t', particle=P.t, partial_widths={
    (P.W__plus__, P.d): '(gw**2*Vtd*complexconjugate(Vtd)/2.*(MT**2 + MD**2 - 2*MW**2 + ((MT - MD)*(MT + MD))**2/MW**2))*cmath.sqrt((MT - MD - MW)*(MT + MD + MW)*(MT - MD + MW)*(MT + MD - MW))/(32.*cmath.pi*MT**3)',
    (P.W__plus__, P.s): '(gw**2*Vts*complexconjugate(Vts)/2.*(MT**2 + MS**2 - 2*MW**2 + ((MT - MS)*(MT + MS))**2/MW**2))*cmath.sqrt((MT - MS - MW)*(MT + MS + MW)*(MT - MS + MW)*(MT + MS - MW))/(32.*cmath.pi*MT**3)',
    (P.W__plus__, P.b): '(gw**2*Vtb**2/2.*(MT**2 + MB**2 - 2*MW**2 + ((MT - MB)*(MT + MB))**2/MW**2))*cmath.sqrt((MT - MB - MW)*(MT + MB + MW)*(MT - MB + MW)*(MT + MB - MW))/(32.*cmath.pi*MT**3)',
})

Decay_n4 = Decay(name='Decay_n4', particle=P.n4, partial_widths={
    (P.chi, P.phi__tilde__): '((yL**2*UN4**2 + yR**2)*(Mn4**2 + Mchi**2 - Mphi**2) + 4*yL*yR*UN4*Mn4*Mchi)*cmath.sqrt((Mn4 - Mchi - Mphi)*(Mn4 + Mchi + Mphi)*(Mn4 - Mchi + Mphi)*(Mn4 + Mchi - Mphi))/(32.*cmath.pi*Mn4**3)',
    (P.e__minus__, P.W__plus__): '(gw**2*Ue4**2/2.*(Mn4**2 + Me**2 - 2*MW**2 + ((Mn4 - Me)*(Mn4 + Me))**2/MW**2))*cmath.sqrt((Mn4 - Me - MW)*(Mn4 + Me + MW)*(Mn4 - Me + MW)*(Mn4 + Me - MW))/(32.*cmath.pi*Mn4**3)',
    (P.mu__minus__, P.W__plus__): '(gw**2*Umu4**2/2.*(Mn4**2 + MMU**2 - 2*MW**2 + ((Mn4 - MMU)*(Mn4 + MMU))**2/MW**2))*cmath.sqrt((Mn4 - MMU - MW)*(Mn4 + MMU + MW)*(Mn4 - MMU + MW)*(Mn4 + MMU - MW))/(32.*cmath.pi*Mn4**3)',
    (P.ta__minus__, P.W__plus__): '(gw**2*Utau4**2/2.*(Mn4**2 + MTA**2 - 2*MW**2 + ((Mn4 - MTA)*(Mn4 + MTA))**2/MW**2))*cmath.sqrt((Mn4 - MTA - MW)*(Mn4 + MTA + MW)*(Mn4 - MTA + MW)*(Mn4 + MTA - MW))/(32.*cmath.pi*Mn4**3)',
    (P.ve, P.Z): '(gw**2/(4*cw**2)*UN4**2*Ue4**2*(Mn4 - MZ)*(Mn4 + MZ)*(Mn4**2 + 2*MZ**2)/MZ**2)*(Mn4 - MZ)*(Mn4 + MZ)/(32.*cmath.pi*Mn4**3)',
    (P.vm, P.Z): '(gw**2/(4*cw**2)*UN4**2*Umu4**2*(Mn4 - MZ)*(Mn4 + MZ)*(Mn4**2 + 2*MZ**2)/MZ**2)*(Mn4 - MZ)*(Mn4 + MZ)/(32.*cmath.pi*Mn4**3)',
    (P.vt, P.Z): '(gw**2/(4*cw**2)*UN4**2*Utau4**2*(Mn4 - MZ)*(Mn4 + MZ)*(Mn4**2 + 2*MZ**2)/MZ**2)*(Mn4 - MZ)*(Mn4 + MZ)/(32.*cmath.pi*Mn4**3)',
    (P.ve, P.H): '(Mn4**2*UN4**2*Ue4**2/vev**2*((Mn4 - MH)*(Mn4 + MH)))*(Mn4 - MH)*(Mn4 + MH)/(32.*cmath.pi*Mn4**3)',
    (P.vm, P.H): '(Mn4**2*UN4**2*Umu4**2/vev**2*((Mn4 - MH)*(Mn4 + MH)))*(Mn4 - MH)*(Mn4 + MH)/(32.*cmath.pi*Mn4**3)',
    (P.vt, P.H): '(Mn4**2*UN4**2*Utau4**2/vev**2*((Mn4 - MH)*(Mn4 + MH)))*(Mn4 - MH)*(Mn4 + MH)/(32.*cmath.pi*Mn4**3)',
    (P.e__minus__, P.pi__plus__): '(2*Gf**2*fPI**2*Vud**2*Ue4**2*(((Mn4 - Me)*(Mn4 + Me))**2 - MPI**2*(Mn4**2 + Me**2)))*cmath.sqrt((Mn4 - Me - MPI)*(Mn4 + Me + MPI)*(Mn4 - Me + MPI)*(Mn4 + Me - MPI))/(32.*cmath.pi*Mn4**3)',
    (P.mu__minus__, P.pi__plus__): '(2*Gf**2*fPI**2*Vud**2*Umu4**2*(((Mn4 - MMU)*(Mn4 + MMU))**2 - MPI**2*(Mn4**2 + MMU**2)))*cmath.sqrt((Mn4 - MMU - MPI)*(Mn4 + MMU + MPI)*(Mn4 - MMU + MPI)*(Mn4 + MMU - MPI))/(32.*cmath.pi*Mn4**3)',
    (P.e__minus__, P.K__plus__): '(2*Gf**2*fK**2*Vus**2*Ue4**2*(((Mn4 - Me)*(Mn4 + Me))**2 - MK**2*(Mn4**2 + Me**2)))*cmath.sqrt((Mn4 - Me - MK)*(Mn4 + Me + MK)*(Mn4 - Me + MK)*(Mn4 + Me - MK))/(32.*cmath.pi*Mn4**3)',
    (P.mu__minus__, P.K__plus__): '(2*Gf**2*fK**2*Vus**2*Umu4**2*(((Mn4 - MMU)*(Mn4 + MMU))**2 - MK**2*(Mn4**2 + MMU**2)))*cmath.sqrt((Mn4 - MMU - MK)*(Mn4 + MMU + MK)*(Mn4 - MMU + MK)*(Mn4 + MMU - MK))/(32.*cmath.pi*Mn4**3)',
})

Decay_phi = Decay(name='Decay_phi', particle=P.phi, partial_widths={
    (P.chi, P.ve__tilde__): '(yL**2*Ue4**2*(Mphi**2 - Mchi**2))*(Mphi - Mchi)*(Mphi + Mchi)/(16.*cmath.pi*Mphi**3)',
    (P.chi, P.vm__tilde__): '(yL**2*Umu4**2*(Mphi**2 - Mchi**2))*(Mphi - Mchi)*(Mphi + Mchi)/(16.*cmath.pi*Mphi**3)',
    (P.chi, P.vt__tilde__): '(yL**2*Utau4**2*(Mphi**2 - Mchi**2))*(Mphi - Mchi)*(Mphi + Mchi)/(16.*cmath.pi*Mphi**3)',
    (P.chi, P.n4__tilde__): '((yL**2*UN4**2 + yR**2)*(Mphi**2 - Mchi**2 - Mn4**2) - 4*yL*yR*UN4*Mchi*Mn4)*cmath.sqrt((Mphi - Mchi - Mn4)*(Mphi + Mchi + Mn4)*(Mphi - Mchi + Mn4)*(Mphi + Mchi - Mn4))/(16.*cmath.pi*Mphi**3)',
})

Decay_pi__plus__ = Decay(name='Decay_pi__plus__', particle=P.pi__plus__, partial_widths={
    (P.ve, P.e__plus__): '(2*Gf**2*fPI**2*Vud**2*Vee**2*Me**2*(MPI - Me)*(MPI + Me))*(MPI - Me)*(MPI + Me)/(16.*cmath.pi*MPI**3)',
    (P.vm, P.e__plus__): '(2*Gf**2*fPI**2*Vud**2*Vem**2*Me**2*(MPI - Me)*(MPI + Me))*(MPI - Me)*(MPI + Me)/(16.*cmath.pi*MPI**3)',
    (P.vt, P.e__plus__): '(2*Gf**2*fPI**2*Vud**2*Vet**2*Me**2*(MPI - Me)*(MPI + Me))*(MPI - Me)*(MPI + Me)/(16.*cmath.pi*MPI**3)',
    (P.n4, P.e__plus__): '(2*Gf**2*fPI**2*Vud**2*Ue4**2*((Mn4**2 + Me**2)*MPI**2 - ((Mn4 - Me)*(Mn4 + Me))**2))*cmath.sqrt((MPI - Mn4 - Me)*(MPI + Mn4 + Me)*(MPI - Mn4 + Me)*(MPI + Mn4 - Me))/(16.*cmath.pi*MPI**3)',
    (P.ve, P.mu__plus__): '(2*Gf**2*fPI**2*Vud**2*Vme**2*MMU**2*(MPI - MMU)*(MPI + MMU))*(MPI - MMU)*(MPI + MMU)/(16.*cmath.pi*MPI**3)',
    (P.vm, P.mu__plus__): '(2*Gf**2*fPI**2*Vud**2*Vmm**2*MMU**2*(MPI - MMU)*(MPI + MMU))*(MPI - MMU)*(MPI + MMU)/(16.*cmath.pi*MPI**3)',
    (P.vt, P.mu__plus__): '(2*Gf**2*fPI**2*Vud**2*Vmt**2*MMU**2*(MPI - MMU)*(MPI + MMU))*(MPI - MMU)*(MPI + MMU)/(16.*cmath.pi*MPI**3)',
    (P.n4, P.mu__plus__): '(2*Gf**2*fPI**2*Vud**2*Umu4**2*((Mn4**2 + MMU**2)*MPI**2 - ((Mn4 - MMU)*(Mn4 + MMU))**2))*cmath.sqrt((MPI - Mn4 - MMU)*(MPI + Mn4 + MMU)*(MPI - Mn4 + MMU)*(MPI + Mn4 - MMU))/(16.*cmath.pi*MPI**3)',
})

Decay_K__plus__ = Decay(name='Decay_K__plus__', particle=P.K__plus__, partial_widths={
    (P.ve, P.e__plus__): '(2*Gf**2*fK**2*Vus**2*Vee**2*Me**2*(MK - Me)*(MK + Me))*(MK - Me)*(MK + Me)/(16.*cmath.pi*MK**3)',
    (P.vm, P.e__plus__): '(2*Gf**2*fK**2*Vus**2*Vem**2*Me**2*(MK - Me)*(MK + Me))*(MK - Me)*(MK + Me)/(16.*cmath.pi*MK**3)',
    (P.vt, P.e__plus__): '(2*Gf**2*fK**2*Vus**2*Vet**2*Me**2*(MK - Me)*(MK + Me))*(MK - Me)*(MK + Me)/(16.*cmath.pi*MK**3)',
    (P.n4, P.e__plus__): '(2*Gf**2*fK**2*Vus**2*Ue4**2*((Mn4**2 + Me**2)*MK**2 - ((Mn4 - Me)*(Mn4 + Me))**2))*cmath.sqrt((MK - Mn4 - Me)*(MK + Mn4 + Me)*(MK - Mn4 + Me)*(MK + Mn4 - Me))/(16.*cmath.pi*MK**3)',
    (P.ve, P.mu__plus__): '(2*Gf**2*fK**2*Vus**2*Vme**2*MMU**2*(MK - MMU)*(MK + MMU))*(MK - MMU)*(MK + MMU)/(16.*cmath.pi*MK**3)',
    (P.vm, P.mu__plus__): '(2*Gf**2*fK**2*Vus**2*Vmm**2*MMU**2*(MK - MMU)*(MK + MMU))*(MK - MMU)*(MK + MMU)/(16.*cmath.pi*MK**3)',
    (P.vt, P.mu__plus__): '(2*Gf**2*fK**2*Vus**2*Vmt**2*MMU**2*(MK - MMU)*(MK + MMU))*(MK - MMU)*(MK + MMU)/(16.*cmath.pi*MK**3)',
    (P.n4, P.mu__plus__): '(2*Gf**2*fK**2*Vus**2*Umu4**2*((Mn4**2 + MMU**2)*MK**2 - ((Mn4 - MMU)*(Mn4 + MMU))**2))*cmath.sqrt((MK - Mn4 - MMU)*(MK + Mn4 + MMU)*(MK - Mn4 + MMU)*(MK + Mn4 - MMU))/(16.*cmath.pi*MK**3)',
})
