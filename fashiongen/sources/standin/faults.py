"""Deliberate difficulties of the local test site: short pages, a limit for anonymous visitors, promoted pins."""

from fashiongen.config import Params


class Faults(Params):
    """How often each difficulty occurs while the site runs."""

    short_page_every: int  # every n-th page of a feed holds a third of its pins; 0: no page
    anonymous_pins: int | None  # how many pins of a board are shown to a visitor without a session; None: all
    promoted_every: int  # a promoted card follows every n pins of a board; 0: no card


USUAL = Faults(short_page_every=3, anonymous_pins=25, promoted_every=20)
