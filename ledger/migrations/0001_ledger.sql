-- Times are Unix milliseconds, but for a file's own, which are Unix nanoseconds.
-- Paths are BLOBs: a file's name need not be UTF-8.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One version of one file that is to become, or became, an asset.
CREATE TABLE items (
    id         INTEGER PRIMARY KEY,
    root       BLOB NOT NULL,               -- the watch folder whose rule took it
    dir        BLOB NOT NULL,
    name       BLOB NOT NULL,
    size       INTEGER NOT NULL,
    mtime      INTEGER NOT NULL,
    ctime      INTEGER NOT NULL,
    dev        INTEGER NOT NULL,
    ino        INTEGER NOT NULL,
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',    -- a stable word
    detail     TEXT NOT NULL DEFAULT '',    -- a sentence for a person
    scope      TEXT NOT NULL DEFAULT '',    -- which API host and project
    kind       TEXT NOT NULL DEFAULT '',
    sample     BLOB,                        -- digest of size, head and tail
    sha256     BLOB,
    content    INTEGER REFERENCES contents (id),
    upload     INTEGER REFERENCES uploads (id),
    asset      TEXT NOT NULL DEFAULT '',
    waits_for  INTEGER,                     -- an item with the same bytes that is ahead
    owner      TEXT NOT NULL DEFAULT '',    -- who has claimed it …
    lease      INTEGER NOT NULL DEFAULT 0,  -- … and until when
    not_before INTEGER NOT NULL DEFAULT 0,
    attempts   INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX items_by_path ON items (dir, name);
CREATE INDEX items_by_state ON items (state, updated_at);
CREATE INDEX items_by_sample ON items (size, sample) WHERE sample IS NOT NULL;
CREATE INDEX items_waiting ON items (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX items_owned ON items (owner) WHERE owner <> '';

-- Work to do stays quick to find however many items are at rest. The queries repeat
-- these conditions word for word, else SQLite cannot use the indexes.
CREATE INDEX items_claimable ON items (id, size, not_before)
    WHERE state IN ('queued', 'preparing', 'uploading', 'completing', 'linking', 'tidying');
CREATE INDEX items_due ON items (not_before)
    WHERE state IN ('queued', 'preparing', 'uploading', 'completing', 'linking', 'tidying');
CREATE INDEX items_importing ON items (not_before) WHERE state = 'importing';

-- What a path was at the last look, and the newest item made of it.
CREATE TABLE files (
    dir   BLOB NOT NULL,
    name  BLOB NOT NULL,
    size  INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    ctime INTEGER NOT NULL,
    item  INTEGER NOT NULL REFERENCES items (id),
    PRIMARY KEY (dir, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX files_by_item ON files (item);

-- Bytes that are, or are about to be, one asset. The uniqueness here is what keeps one
-- content from becoming two assets: only the item named in a row may complete an upload.
CREATE TABLE contents (
    id         INTEGER PRIMARY KEY,
    scope      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    sha256     BLOB NOT NULL,
    size       INTEGER NOT NULL,
    sample     BLOB,
    item       INTEGER REFERENCES items (id),  -- entitled to make the asset
    asset      TEXT NOT NULL DEFAULT '',       -- '' until imported
    created_at INTEGER NOT NULL,
    UNIQUE (scope, kind, sha256)
) STRICT;

CREATE INDEX contents_by_sample ON contents (size, sample);
CREATE INDEX contents_by_item ON contents (item) WHERE asset = '';
CREATE INDEX contents_by_asset ON contents (asset) WHERE asset <> '';

CREATE TABLE uploads (
    id         INTEGER PRIMARY KEY,
    item       INTEGER NOT NULL REFERENCES items (id),
    remote     TEXT NOT NULL,
    part_size  INTEGER NOT NULL,
    parts      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX uploads_by_item ON uploads (item);

-- The receipts of parts that storage has acknowledged; kept while their upload is open.
CREATE TABLE parts (
    upload  INTEGER NOT NULL REFERENCES uploads (id),
    number  INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    crc32c  INTEGER NOT NULL,
    etag    TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE collections (
    scope TEXT NOT NULL,
    name  TEXT NOT NULL,
    id    TEXT NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    scope      TEXT NOT NULL,
    asset      TEXT NOT NULL,
    collection TEXT NOT NULL,
    joined_at  INTEGER NOT NULL DEFAULT 0,  -- 0: wanted, not confirmed yet
    PRIMARY KEY (scope, asset, collection)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    item   INTEGER NOT NULL,
    state  TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX history_by_item ON history (item);
