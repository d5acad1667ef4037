// The page of a board, with the endless grid "Find more ideas" below its own pins, or of a search's results.

import { heightOf, renderItem } from "/static/cards.js";
import { Masonry } from "/static/masonry.js";

const END = "-end-";
const state = JSON.parse(document.getElementById("__PWS_DATA__").textContent);

async function readResource(name, bookmarks) {
  const options = { ...state.feed.options, page_size: state.pageSize, field_set_key: "react_grid_pin", bookmarks };
  const query = new URLSearchParams({ source_url: state.board.url, data: JSON.stringify({ options, context: {} }) });
  const headers = { "X-Pinterest-PWS-Handler": "www/[username]/[slug].js", "X-Requested-With": "XMLHttpRequest" };
  const response = await fetch(`/resource/${name}/get/?${query}`, { headers });
  return (await response.json()).resource_response;
}

// Returns a function whose calls fetch the pages of a resource in order.
function pagesOf(name) {
  let bookmarks = [];
  return async () => {
    const { data, bookmark } = await readResource(name, bookmarks);
    bookmarks = [bookmark];
    return { items: data.results ?? data, isLast: bookmark === null || bookmark === END };
  };
}

// The same, with a promoted card after every n-th pin.
function withPromoted(fetchPage) {
  let seen = 0;
  const promoted = [...state.promoted];
  const mixIn = (item) => {
    seen += 1;
    return state.promotedEvery && seen % state.promotedEvery === 0 ? [item, ...promoted.splice(0, 1)] : [item];
  };
  return async () => {
    const { items, isLast } = await fetchPage();
    return { items: items.flatMap(mixIn), isLast };
  };
}

function grid(testId, fetchPage, { hasByline, onEnd }) {
  return new Masonry(document.querySelector(`[data-test-id=${testId}] [role=list]`), {
    fetchPage,
    renderItem: (item) => renderItem(item, { hasByline }),
    heightOf: (item, widthPx) => heightOf(item, widthPx, { hasByline }),
    hiddenClass: state.classes.hidden,
    onEnd,
  });
}

// The space below the board is empty until the feed has ended. Then members see ideas, and others a login wall.
function showWhatFollows() {
  document.querySelector("main").append(document.querySelector("template")?.content ?? "");
  if (!document.querySelector(".moreIdeasOnBoard")) return;
  grid("secondaryBoardGrid", pagesOf("BoardContentRecommendationResource"), { hasByline: true });
}

const testId = document.querySelector("[data-test-id=search-feed]") ? "search-feed" : "base-board-pin-grid";
grid(testId, withPromoted(pagesOf(state.feed.name)), { hasByline: false, onEnd: showWhatFollows });
