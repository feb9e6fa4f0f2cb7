"""The objects a UFO model is made of (arXiv:1108.2040, arXiv:2304.09883).

Every object registers itself in the list of its kind, which is what programs reading the model iterate over.
"""

import cmath
import re


class UFOError(Exception):
    """The model is inconsistent."""


class UFOBaseClass(object):
    """An object with required positional or keyword arguments and free further ones."""

    require_args = []

    def __init__(self, *values, **options):
        if len(values) > len(self.require_args):
            raise UFOError("%s takes at most %i positional arguments" % (type(self).__name__, len(self.require_args)))
        attributes = dict(zip(self.require_args, values))
        for name in options:
            if name in attributes:
                raise UFOError("%s got %s twice" % (type(self).__name__, name))
        attributes.update(options)
        missing = [name for name in self.require_args if name not in attributes]
        if missing:
            raise UFOError("%s lacks %s" % (type(self).__name__, ", ".join(missing)))
        self.__dict__.update(attributes)

    def get(self, name):
        return getattr(self, name)

    def set(self, name, value):
        setattr(self, name, value)

    def get_all(self):
        return self.__dict__

    def nice_string(self):
        return "\n".join("%s \t: %s" % item for item in sorted(self.__dict__.items()))

    def __str__(self):
        return self.name

    def __repr__(self):
        spelled = {"+": "__plus__", "-": "__minus__", "~": "__tilde__"}
        return re.sub(r"[-+~]", lambda match: spelled[match.group()], self.name)


all_particles = []


class Particle(UFOBaseClass):
    """A particle; its antiparticle is made by `anti`. Spin is 2S+1, colour 1, 3, -3 or 8."""

    require_args = ["pdg_code", "name", "antiname", "spin", "color", "mass", "width", "texname", "antitexname", "charge"]
    #: Attributes that do not change sign under charge conjugation.
    _even = ("pdg_code", "spin", "color", "selfconjugate", "propagating", "goldstoneboson", "line")

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        self.__dict__.setdefault("propagating", True)
        self.__dict__.setdefault("goldstoneboson", False)
        self.selfconjugate = self.name == self.antiname
        self.line = self.find_line_type()
        all_particles.append(self)

    def find_line_type(self):
        """Style of the line in a Feynman diagram."""
        if self.spin == 1:
            return "dashed"
        if self.spin == 2:
            return "straight" if not self.selfconjugate else "swavy"
        return "curly" if self.color == 8 else "wavy"

    def anti(self):
        """The antiparticle, with every additive quantum number reversed."""
        if self.selfconjugate:
            raise UFOError("%s is its own antiparticle" % self.name)
        own = dict(self.__dict__)
        for name in self._even + tuple(self.require_args):
            own.pop(name, None)
        for name, value in own.items():
            if isinstance(value, (int, float)):
                own[name] = -value
        return Particle(
            pdg_code=-self.pdg_code,
            name=self.antiname,
            antiname=self.name,
            spin=self.spin,
            color=self.color if self.color in (1, 8) else -self.color,
            mass=self.mass,
            width=self.width,
            texname=self.antitexname,
            antitexname=self.texname,
            charge=-self.charge,
            propagating=self.propagating,
            goldstoneboson=self.goldstoneboson,
            **own
        )


all_parameters = []


class Parameter(UFOBaseClass):
    """A number of the model: external (read from a card) or internal (an expression of others)."""

    require_args = ["name", "nature", "type", "value", "texname"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        if self.nature == "external" and not (hasattr(self, "lhablock") and hasattr(self, "lhacode")):
            raise UFOError("external parameter %s needs a place in the parameter card" % self.name)
        all_parameters.append(self)


all_vertices = []


class Vertex(UFOBaseClass):
    """A vertex: couplings[(colour, Lorentz)] multiplies that colour and that Lorentz structure."""

    require_args = ["name", "particles", "color", "lorentz", "couplings"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        all_vertices.append(self)


all_couplings = []


class Coupling(UFOBaseClass):
    """A coupling: i times the coefficient in the Lagrangian, and its orders."""

    require_args = ["name", "value", "order"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        all_couplings.append(self)

    def pole(self, x):
        """Coefficient of the pole of order `x` in the dimensional regulator; tree level has the finite part only."""
        return self.value if x == 0 else "ZERO"


all_lorentz = []


class Lorentz(UFOBaseClass):
    """A Lorentz structure and the spins (2S+1) of its legs."""

    require_args = ["name", "spins", "structure"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        all_lorentz.append(self)


all_functions = []


class Function(UFOBaseClass):
    """A function that expressions of parameters may call."""

    require_args = ["name", "arguments", "expression"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        self.expr = self.expression
        all_functions.append(self)

    def __call__(self, *values):
        namespace = dict(zip(self.arguments, [complex(value) for value in values]), cmath=cmath)
        return eval(self.expression, namespace)


all_orders = []


class CouplingOrder(UFOBaseClass):
    """A kind of coupling that is counted in a process."""

    require_args = ["name", "expansion_order", "hierarchy"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        self.__dict__.setdefault("perturbative_expansion", 0)
        all_orders.append(self)


all_decays = []


class Decay(UFOBaseClass):
    """The two-body partial widths of a particle, as expressions of the parameters."""

    require_args = ["particle", "partial_widths"]

    def __init__(self, *values, **options):
        UFOBaseClass.__init__(self, *values, **options)
        self.__dict__.setdefault("name", "Decay_%r" % self.particle)
        self.particle.partial_widths = self.partial_widths
        all_decays.append(self)


all_form_factors = []
all_propagators = []
