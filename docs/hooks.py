"""Replaces links to files outside docs/ by the files' names: the site has no pages for them.

In the repository such a link opens the file.
"""

import logging
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LINK_OUT = re.compile(r"\[([^\]]*)\]\(\.\./([^)#\s]+)[^)]*\)")

log = logging.getLogger("properdocs.hooks")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with names instead of links out of docs/; a link to a missing file logs a warning."""

    def name(link: re.Match[str]) -> str:
        text, target = link.groups()
        if not (ROOT / target).exists():
            log.warning("%s links to ../%s, which is not in the repository", page.file.src_uri, target)
        return f"`{target}`" if text.strip("`") == target else f"{text} (`{target}`)"

    return LINK_OUT.sub(name, markdown)
