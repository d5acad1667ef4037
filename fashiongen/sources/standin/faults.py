"""How the stand-in site differs from a plain one: short pages, a limit for anonymous visitors, promoted pins."""

from fashiongen.config import Params


class Faults(Params):
    """The settings of one run of the site."""

    short_page_every: int  # each n-th page of a feed holds a third of its pins; 0: none does
    anonymous_pins: int  # a board's pins that a visitor without a session is shown
    promoted_every: int  # a promoted card stands after every n pins of a board; 0: none does


USUAL = Faults(short_page_every=3, anonymous_pins=25, promoted_every=20)
