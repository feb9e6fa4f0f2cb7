"""The couplings: i times the coefficient in the Lagrangian, for D_mu = d_mu - i g T^a W^a_mu - i g' Y B_mu."""

import cmath

from .object_library import all_couplings, Coupling

GC_1 = Coupling(name='GC_1', value='complex(0,1)*G', order={'QCD': 1})

GC_2 = Coupling(name='GC_2', value='-G', order={'QCD': 1})

GC_3 = Coupling(name='GC_3', value='-complex(0,1)*G**2', order={'QCD': 2})

GC_4 = Coupling(name='GC_4', value='-complex(0,1)*ee', order={'QED': 1})

GC_5 = Coupling(name='GC_5', value='2*complex(0,1)*ee/3.', order={'QED': 1})

GC_6 = Coupling(name='GC_6', value='-complex(0,1)*ee/3.', order={'QED': 1})

GC_7 = Coupling(name='GC_7', value='complex(0,1)*gw*(-1 + 2*sw2)/(2.*cw)', order={'QED': 1})

GC_8 = Coupling(name='GC_8', value='complex(0,1)*gw*sw2/cw', order={'QED': 1})

GC_9 = Coupling(name='GC_9', value='complex(0,1)*gw*(3 - 4*sw2)/(6.*cw)', order={'QED': 1})

GC_10 = Coupling(name='GC_10', value='-2*complex(0,1)*gw*sw2/(3.*cw)', order={'QED': 1})

GC_11 = Coupling(name='GC_11', value='complex(0,1)*gw*(-3 + 2*sw2)/(6.*cw)', order={'QED': 1})

GC_12 = Coupling(name='GC_12', value='complex(0,1)*gw*sw2/(3.*cw)', order={'QED': 1})

GC_13 = Coupling(name='GC_13', value='complex(0,1)*gw*(1 - Ue4**2)/(2.*cw)', order={'QED': 1})

GC_14 = Coupling(name='GC_14', value='-complex(0,1)*gw*Ue4*Umu4/(2.*cw)', order={'QED': 1})

GC_15 = Coupling(name='GC_15', value='-complex(0,1)*gw*Ue4*Utau4/(2.*cw)', order={'QED': 1})

GC_16 = Coupling(name='GC_16', value='complex(0,1)*gw*(1 - Umu4**2)/(2.*cw)', order={'QED': 1})

GC_17 = Coupling(name='GC_17', value='-complex(0,1)*gw*Umu4*Utau4/(2.*cw)', order={'QED': 1})

GC_18 = Coupling(name='GC_18', value='complex(0,1)*gw*(1 - Utau4**2)/(2.*cw)', order={'QED': 1})

GC_19 = Coupling(name='GC_19', value='complex(0,1)*gw*UN4*Ue4/(2.*cw)', order={'QED': 1})

GC_20 = Coupling(name='GC_20', value='complex(0,1)*gw*UN4*Umu4/(2.*cw)', order={'QED': 1})

GC_21 = Coupling(name='GC_21', value='complex(0,1)*gw*UN4*Utau4/(2.*cw)', order={'QED': 1})

GC_22 = Coupling(name='GC_22', value='complex(0,1)*gw*U4sq/(2.*cw)', order={'QED': 1})

GC_23 = Coupling(name='GC_23', value='complex(0,1)*gw*Vee/cmath.sqrt(2)', order={'QED': 1})

GC_24 = Coupling(name='GC_24', value='complex(0,1)*gw*Vem/cmath.sqrt(2)', order={'QED': 1})

GC_25 = Coupling(name='GC_25', value='complex(0,1)*gw*Vet/cmath.sqrt(2)', order={'QED': 1})

GC_26 = Coupling(name='GC_26', value='complex(0,1)*gw*Ue4/cmath.sqrt(2)', order={'QED': 1})

GC_27 = Coupling(name='GC_27', value='complex(0,1)*gw*Vme/cmath.sqrt(2)', order={'QED': 1})

GC_28 = Coupling(name='GC_28', value='complex(0,1)*gw*Vmm/cmath.sqrt(2)', order={'QED': 1})

GC_29 = Coupling(name='GC_29', value='complex(0,1)*gw*Vmt/cmath.sqrt(2)', order={'QED': 1})

GC_30 = Coupling(name='GC_30', value='complex(0,1)*gw*Umu4/cmath.sqrt(2)', order={'QED': 1})

GC_31 = Coupling(name='GC_31', value='complex(0,1)*gw*Vte/cmath.sqrt(2)', order={'QED': 1})

GC_32 = Coupling(name='GC_32', value='complex(0,1)*gw*Vtm/cmath.sqrt(2)', order={'QED': 1})

GC_33 = Coupling(name='GC_33', value='complex(0,1)*gw*Vtt/cmath.sqrt(2)', order={'QED': 1})

GC_34 = Coupling(name='GC_34', value='complex(0,1)*gw*Utau4/cmath.sqrt(2)', order={'QED': 1})

GC_35 = Coupling(name='GC_35', value='complex(0,1)*gw*Vud/cmath.sqrt(2)', order={'QED': 1})

GC_36 = Coupling(name='GC_36', value='complex(0,1)*gw*Vus/cmath.sqrt(2)', order={'QED': 1})

GC_37 = Coupling(name='GC_37', value='complex(0,1)*gw*Vub/cmath.sqrt(2)', order={'QED': 1})

GC_38 = Coupling(name='GC_38', value='complex(0,1)*gw*complexconjugate(Vub)/cmath.sqrt(2)', order={'QED': 1})

GC_39 = Coupling(name='GC_39', value='complex(0,1)*gw*Vcd/cmath.sqrt(2)', order={'QED': 1})

GC_40 = Coupling(name='GC_40', value='complex(0,1)*gw*complexconjugate(Vcd)/cmath.sqrt(2)', order={'QED': 1})

GC_41 = Coupling(name='GC_41', value='complex(0,1)*gw*Vcs/cmath.sqrt(2)', order={'QED': 1})

GC_42 = Coupling(name='GC_42', value='complex(0,1)*gw*complexconjugate(Vcs)/cmath.sqrt(2)', order={'QED': 1})

GC_43 = Coupling(name='GC_43', value='complex(0,1)*gw*Vcb/cmath.sqrt(2)', order={'QED': 1})

GC_44 = Coupling(name='GC_44', value='complex(0,1)*gw*Vtd/cmath.sqrt(2)', order={'QED': 1})

GC_45 = Coupling(name='GC_45', value='complex(0,1)*gw*complexconjugate(Vtd)/cmath.sqrt(2)', order={'QED': 1})

GC_46 = Coupling(name='GC_46', value='complex(0,1)*gw*Vts/cmath.sqrt(2)', order={'QED': 1})

GC_47 = Coupling(name='GC_47', value='complex(0,1)*gw*complexconjugate(Vts)/cmath.sqrt(2)', order={'QED': 1})

GC_48 = Coupling(name='GC_48', value='complex(0,1)*gw*Vtb/cmath.sqrt(2)', order={'QED': 1})

GC_49 = Coupling(name='GC_49', value='complex(0,1)*ee', order={'QED': 1})

GC_50 = Coupling(name='GC_50', value='complex(0,1)*gw*cw', order={'QED': 1})

GC_51 = Coupling(name='GC_51', value='complex(0,1)*gw**2', order={'QED': 2})

GC_52 = Coupling(name='GC_52', value='-complex(0,1)*ee**2', order={'QED': 2})

GC_53 = Coupling(name='GC_53', value='-complex(0,1)*ee*gw*cw', order={'QED': 2})

GC_54 = Coupling(name='GC_54', value='-complex(0,1)*gw**2*cw**2', order={'QED': 2})

GC_55 = Coupling(name='GC_55', value='-6*complex(0,1)*lam*vev', order={'QED': 1})

GC_56 = Coupling(name='GC_56', value='-6*complex(0,1)*lam', order={'QED': 2})

GC_57 = Coupling(name='GC_57', value='complex(0,1)*gw**2*vev/2.', order={'QED': 1})

GC_58 = Coupling(name='GC_58', value='complex(0,1)*gw**2*vev/(2.*cw**2)', order={'QED': 1})

GC_59 = Coupling(name='GC_59', value='complex(0,1)*gw**2/2.', order={'QED': 2})

GC_60 = Coupling(name='GC_60', value='complex(0,1)*gw**2/(2.*cw**2)', order={'QED': 2})

GC_61 = Coupling(name='GC_61', value='-complex(0,1)*Me/vev', order={'QED': 1})

GC_62 = Coupling(name='GC_62', value='-complex(0,1)*MMU/vev', order={'QED': 1})

GC_63 = Coupling(name='GC_63', value='-complex(0,1)*MTA/vev', order={'QED': 1})

GC_64 = Coupling(name='GC_64', value='-complex(0,1)*MD/vev', order={'QED': 1})

GC_65 = Coupling(name='GC_65', value='-complex(0,1)*MS/vev', order={'QED': 1})

GC_66 = Coupling(name='GC_66', value='-complex(0,1)*MB/vev', order={'QED': 1})

GC_67 = Coupling(name='GC_67', value='-complex(0,1)*MU/vev', order={'QED': 1})

GC_68 = Coupling(name='GC_68', value='-complex(0,1)*MC/vev', order={'QED': 1})

GC_69 = Coupling(name='GC_69', value='-complex(0,1)*MT/vev', order={'QED': 1})

GC_70 = Coupling(name='GC_70', value='-complex(0,1)*Mn4*UN4*Ue4/vev', order={'QED': 1})

GC_71 = Coupling(name='GC_71', value='-complex(0,1)*Mn4*UN4*Umu4/vev', order={'QED': 1})

GC_72 = Coupling(name='GC_72', value='-complex(0,1)*Mn4*UN4*Utau4/vev', order={'QED': 1})

GC_73 = Coupling(name='GC_73', value='-complex(0,1)*Mn4*U4sq/vev', order={'QED': 1})

GC_74 = Coupling(name='GC_74', value='complex(0,1)*yL*UN4', order={'NP': 1})

GC_75 = Coupling(name='GC_75', value='complex(0,1)*yR', order={'NP': 1})

GC_76 = Coupling(name='GC_76', value='-complex(0,1)*yL*Ue4', order={'NP': 1})

GC_77 = Coupling(name='GC_77', value='-complex(0,1)*yL*Umu4', order={'NP': 1})

GC_78 = Coupling(name='GC_78', value='-complex(0,1)*yL*Utau4', order={'NP': 1})

GC_79 = Coupling(name='GC_79', value='-cmath.sqrt(2)*Gf*fPI*Vud*Vee', order={'MES': 1})

GC_80 = Coupling(name='GC_80', value='-cmath.sqrt(2)*Gf*fPI*Vud*Vem', order={'MES': 1})

GC_81 = Coupling(name='GC_81', value='-cmath.sqrt(2)*Gf*fPI*Vud*Vet', order={'MES': 1})

GC_82 = Coupling(name='GC_82', value='-cmath.sqrt(2)*Gf*fPI*Vud*Ue4', order={'MES': 1})

GC_83 = Coupling(name='GC_83', value='-cmath.sqrt(2)*Gf*fPI*Vud*Vme', order={'MES': 1})

GC_84 = Coupling(name='GC_84', value='-cmath.sqrt(2)*Gf*fPI*Vud*Vmm', order={'MES': 1})

GC_85 = Coupling(name='GC_85', value='-cmath.sqrt(2)*Gf*fPI*Vud*Vmt', order={'MES': 1})

GC_86 = Coupling(name='GC_86', value='-cmath.sqrt(2)*Gf*fPI*Vud*Umu4', order={'MES': 1})

GC_87 = Coupling(name='GC_87', value='-cmath.sqrt(2)*Gf*fK*Vus*Vee', order={'MES': 1})

GC_88 = Coupling(name='GC_88', value='-cmath.sqrt(2)*Gf*fK*Vus*Vem', order={'MES': 1})

GC_89 = Coupling(name='GC_89', value='-cmath.sqrt(2)*Gf*fK*Vus*Vet', order={'MES': 1})

GC_90 = Coupling(name='GC_90', value='-cmath.sqrt(2)*Gf*fK*Vus*Ue4', order={'MES': 1})

GC_91 = Coupling(name='GC_91', value='-cmath.sqrt(2)*Gf*fK*Vus*Vme', order={'MES': 1})

GC_92 = Coupling(name='GC_92', value='-cmath.sqrt(2)*Gf*fK*Vus*Vmm', order={'MES': 1})

GC_93 = Coupling(name='GC_93', value='-cmath.sqrt(2)*Gf*fK*Vus*Vmt', order={'MES': 1})

GC_94 = Coupling(name='GC_94', value='-cmath.sqrt(2)*Gf*fK*Vus*Umu4', order={'MES': 1})
