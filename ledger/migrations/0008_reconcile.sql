-- The SHA-256 of assets' original bytes that were fetched to be compared: each once and for
-- good, however many files have the asset's name and size.

CREATE TABLE asset_hashes (
    scope  TEXT NOT NULL,
    asset  TEXT NOT NULL,
    size   INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (scope, asset)
) STRICT, WITHOUT ROWID;
