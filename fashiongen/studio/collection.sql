-- The tables of a collection. `user_version` is their version.
CREATE TABLE IF NOT EXISTS garments (
    id INTEGER PRIMARY KEY,
    variant TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL,
    latent TEXT NOT NULL,
    edits TEXT NOT NULL, -- JSON
    png BLOB NOT NULL,
    image_sha256 TEXT NOT NULL,
    description TEXT NOT NULL,
    lightness REAL NOT NULL, -- OKLab
    a REAL NOT NULL,
    b REAL NOT NULL,
    created TEXT NOT NULL,
    kept INTEGER NOT NULL, -- 0: taken out, and still there for undo
    starred INTEGER NOT NULL,
    rating INTEGER NOT NULL,
    note TEXT NOT NULL,
    tags TEXT NOT NULL, -- JSON
    boards TEXT NOT NULL, -- JSON
    searched TEXT NOT NULL -- all words of the garment, in small letters
);
CREATE INDEX IF NOT EXISTS kept_garments ON garments (kept, id);
CREATE INDEX IF NOT EXISTS drawn_garments ON garments (weights_sha256, latent);
CREATE TABLE IF NOT EXISTS changes (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    client TEXT NOT NULL, -- the page that made it: each undoes its own
    batch INTEGER NOT NULL, -- the changes that were made, and are undone, together
    text TEXT NOT NULL,
    garment INTEGER NOT NULL REFERENCES garments (id),
    before TEXT NOT NULL, -- JSON of the marks that changed
    after TEXT NOT NULL,
    undone INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS changes_of_client ON changes (client, id);
CREATE TABLE IF NOT EXISTS slider_names (
    weights_sha256 TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (weights_sha256, number)
);
PRAGMA user_version = 1;
