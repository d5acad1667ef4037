"""What the site does otherwise than the repository: a link to a file outside docs/ becomes the file's name.

In the repository such a link opens the file; the site has no page for it.
"""

import logging
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LINK_OUT = re.compile(r"\[([^\]]*)\]\(\.\./([^)#\s]+)[^)]*\)")

log = logging.getLogger("properdocs.hooks")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with its links out of docs/ as names; one to a file that is not there is a warning."""

    def name(link: re.Match[str]) -> str:
        text, target = link.groups()
        if not (ROOT / target).exists():
            log.warning("%s links to ../%s, which is not in the repository", page.file.src_uri, target)
        return f"`{target}`" if text.strip("`") == target else f"{text} (`{target}`)"

    return LINK_OUT.sub(name, markdown)
