-- What after_upload did, or has begun to do, with the files of items. It is written
-- before the file is touched, so that whoever goes on after a crash knows what was begun.

CREATE TABLE moves (
    item      INTEGER PRIMARY KEY REFERENCES items (id),
    target    BLOB NOT NULL,              -- the move_to; empty for the trash
    path      BLOB NOT NULL,              -- where the file is going, or went; empty for the trash
    temporary TEXT NOT NULL,              -- see file.Begun
    size      INTEGER NOT NULL,
    mtime     INTEGER NOT NULL,
    ino       INTEGER NOT NULL,
    done      INTEGER NOT NULL DEFAULT 0  -- 1: it is there, with this size, time and inode
) STRICT;

CREATE INDEX moves_by_version ON moves (mtime, size) WHERE done = 1;

-- Every directory that files were ever moved into. Watch folders leave them out, whatever
-- the config says by now.
CREATE TABLE move_targets (
    dir BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Those of earlier versions stand in the sentence alone: 'Moved to ' path '.', where
-- the path ends in the file's own below its watch folder.
INSERT OR IGNORE INTO move_targets (dir)
SELECT DISTINCT substr(path, 1, length(path) - length(rel))
FROM (SELECT substr(CAST(detail AS BLOB), 10, length(CAST(detail AS BLOB)) - 10) AS path,
        CAST(substr(dir || x'2f' || name, length(root) + 1) AS BLOB) AS rel
    FROM items WHERE state = 'imported' AND reason = 'moved' AND detail LIKE 'Moved to %.')
WHERE length(path) > length(rel) AND substr(path, length(path) - length(rel) + 1) = rel;
