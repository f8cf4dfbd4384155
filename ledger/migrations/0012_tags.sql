-- The tags that assets (and models) are to have, as memberships is for collections.
CREATE TABLE tags (
    scope  TEXT NOT NULL,
    asset  TEXT NOT NULL,
    tag    TEXT NOT NULL,
    set_at INTEGER NOT NULL DEFAULT 0,  -- 0: wanted, not confirmed yet
    PRIMARY KEY (scope, asset, tag)
) STRICT, WITHOUT ROWID;
