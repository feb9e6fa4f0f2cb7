"""Rates and spectra of meson, tau and muon decays to a charged particle and invisible ones.

`mesons.decays.channel.Channel` is the one interface to all of them; `mesons.decays.channels.decay_channel` makes one.
"""
