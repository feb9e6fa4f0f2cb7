"""Writes the parameter card of the model (SLHA: hep-ph/0311123, arXiv:0712.3311).

``python write_param_card.py [OUT]`` writes the default point, to ``param_card.dat`` unless told otherwise.
"""

from __future__ import print_function

import cmath

#: Entries written for other readers of the card: they follow from the inputs.
_DERIVED = {('SMINPUTS', (1,)): ('1/aEW', '1/alpha, derived'), ('SMINPUTS', (4,)): ('MZ', 'MZ, as in MASS 23')}
_FIRST = ('SMINPUTS', 'MASS', 'NUMIXING', 'DARKYUKAWA')


def key_of(parameter):
    """Block and entry of an external parameter."""
    return parameter.lhablock.upper(), tuple(parameter.lhacode)


def evaluate(parameters, values=None):
    """Every parameter by name; `values` replaces defaults of external ones, by name or by (block, entry)."""
    values = {} if values is None else dict(values)
    namespace = {'cmath': cmath, 'complexconjugate': lambda z: complex(z).conjugate()}
    result = {}
    for parameter in parameters:
        if parameter.nature == 'external':
            default = values.pop(key_of(parameter), parameter.value)
            number = values.pop(parameter.name, default)
        else:
            number = eval(str(parameter.value), namespace)
        if parameter.type == 'real':
            number = float(complex(number).real)
        result[parameter.name] = namespace[parameter.name] = number
    if values:
        raise ValueError('not an external parameter: %s' % ', '.join(sorted(str(name) for name in values)))
    return result


def _lines_of_block(name, entries):
    head = 'BLOCK %s' % name
    return [head] + ['  %s %r # %s' % (' '.join(str(i) for i in code), number, text) for code, number, text in entries]


def _quantum_numbers(particle):
    return [
        'BLOCK QNUMBERS %i # %s %s' % (particle.pdg_code, particle.name, particle.antiname),
        '  1 %i # 3 times electric charge' % round(3 * particle.charge),
        '  2 %i # number of spin states (2S+1)' % particle.spin,
        '  3 %i # colour representation' % particle.color,
        '  4 %i # has a distinct antiparticle' % (particle.name != particle.antiname),
    ]


def card_text(parameters, particles, values=None):
    """The card as text: `values` replaces defaults, by parameter name or by (block, entry)."""
    numbers = evaluate(parameters, values)
    blocks = {}
    widths = []
    for parameter in parameters:
        if parameter.nature != 'external':
            continue
        block, code = key_of(parameter)
        entry = (code, numbers[parameter.name], parameter.name)
        if block == 'DECAY':
            widths.append(entry)
        else:
            blocks.setdefault(block, []).append(entry)
    for (block, code), (expression, text) in _DERIVED.items():
        blocks[block].append((code, eval(expression, dict(numbers)), text))
    order = [name for name in _FIRST if name in blocks] + sorted(name for name in blocks if name not in _FIRST)
    lines = ['# Dirac neutrino portal, arXiv:1709.07001; GeV']
    for name in order:
        lines += _lines_of_block(name, sorted(blocks[name]))
    lines += ['DECAY %i %r # %s' % (code[0], number, name) for code, number, name in sorted(widths)]
    for particle in particles:
        if particle.pdg_code in (9990012, 52, 51):
            lines += _quantum_numbers(particle)
    return '\n'.join(lines) + '\n'


def write(path, parameters, particles, values=None):
    """Write the card to a file."""
    with open(path, 'w') as card:
        card.write(card_text(parameters, particles, values))


def _main(arguments):
    import os

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(here)
    model = __import__(os.path.basename(here))
    path = arguments[0] if arguments else 'param_card.dat'
    write(path, model.all_parameters, model.all_particles)
    print('wrote %s' % path)


if __name__ == '__main__':
    import sys

    _main(sys.argv[1:])
