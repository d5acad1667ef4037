"""The whole site as one application: 127.0.0.1 is the site, localhost on the same port its image host."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Host, Router

from fashiongen.sources.standin.database import read_account, read_site
from fashiongen.sources.standin.disturbances import Disturbed, read_disturbances
from fashiongen.sources.standin.faults import Faults
from fashiongen.sources.standin.image_host import ImageHost
from fashiongen.sources.standin.pages import Pages
from fashiongen.sources.standin.resources import Resources
from fashiongen.sources.standin.sessions import Sessions

SITE_NAME = "127.0.0.1"
# Browsers send cookies to all ports of a host. With another host name, images are requested without the site's cookies.
IMAGE_HOST_NAME = "localhost"


def build_app(folder: Path, *, image_host: str, faults: Faults) -> Disturbed:
    """The site of a folder that `write_site` wrote; `image_host` is the address under which its images are reached."""
    boards = read_site(folder)
    sessions = Sessions(read_account(folder))
    site = Starlette(
        routes=[
            Host(IMAGE_HOST_NAME, Router(ImageHost(folder, boards).routes())),
            *Resources(boards, sessions, image_host, faults).routes(),
            *Pages(boards, sessions, image_host, faults).routes(),
        ]
    )
    return Disturbed(site, read_disturbances(folder))
