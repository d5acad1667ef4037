"""What the scraper looks for on the site: the one table to correct when Pinterest changes its pages.

Class names are hashed and change with every release, so none is used but the two that mark the second grid; the
`data-test-id` attributes and the resources' names have stayed for years.
"""

# The login page.
LOGIN_PATH = "/login/"
EMAIL_FIELD = "#email"
PASSWORD_FIELD = "#password"
SIGNED_IN = "#HeaderContent"  # the header that only members see

# The page of a search's results.
SEARCH_PATH = "/search/pins/"

# A board's page.
BOARD_HEADER = "[data-test-id=board-header]"
PIN_COUNT = "[data-test-id=pin-count]"
GRID = "[data-test-id=base-board-pin-grid], [data-test-id=board-feed], [data-test-id=search-feed]"
CARD = "[data-test-id=pin][data-test-pin-id]"
CARD_ID = "data-test-pin-id"
CARD_LINK = "a[href^='/pin/']"
CARD_IMAGE = "[data-test-id=pinrep-image] img, img[src*='/236x/']"
CARD_VIDEO = "video, [data-test-id=pinrep-video]"
PROMOTED = "[data-test-id*=promoted i], [data-test-id*=sponsored i], [data-promoted=true]"
HIDDEN_COPY = "[aria-hidden=true]"  # the masonry measures a copy of a card before it places it
DIVIDER = ".moreIdeasOnBoard, .secondaryBoardGrid, [data-test-id=secondaryBoardGrid]"  # no pin below is the board's

# Where the site sends an unknown board, and a visitor whose session has ended.
NOT_FOUND_MARK = "show_error=true"

# The requests that the site's own script makes.
SESSION_RESOURCE = "/resource/UserSessionResource/create/"
FEED_RESOURCE = "/resource/BoardFeedResource/get/"
SEARCH_RESOURCE = "/resource/BaseSearchResource/get/"
SECTIONS_RESOURCE = "/resource/BoardSectionsResource/get/"
SECTION_PINS_RESOURCE = "/resource/BoardSectionPinsResource/get/"
MEMBER_BOARDS_RESOURCE = "/resource/BoardsResource/get/"

# The image host.
IMAGE_HOST = "i.pinimg.com"
