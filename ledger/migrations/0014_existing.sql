-- Watch folders of which only what is saved from now on is sent (existing = "skip").
CREATE TABLE existing (
    root     BLOB NOT NULL PRIMARY KEY,
    since    INTEGER NOT NULL,            -- the moment, in Unix nanoseconds
    rules    TEXT NOT NULL,               -- the rules by which files are taken, as a digest
    complete INTEGER NOT NULL DEFAULT 0   -- 1: all that was there before is noted, by those rules
) STRICT, WITHOUT ROWID;

-- The files noted: counted by folder, and known again under another name.
CREATE INDEX items_existing ON items (root, size, mtime) WHERE state = 'ignored' AND reason = 'existing';

-- A file that is noted needs no further look; see knownQuery.
DROP TRIGGER known_item_moved;
CREATE TRIGGER known_item_moved AFTER UPDATE OF state, reason ON items
WHEN (OLD.state = 'gone' OR OLD.state = 'superseded' OR OLD.state = 'ignored' AND OLD.reason <> 'change-ignored' AND OLD.reason <> 'existing'
        OR OLD.state = 'held' AND OLD.reason <> 'maybe-sent' AND OLD.reason <> 'cannot-tell')
    <> (NEW.state = 'gone' OR NEW.state = 'superseded' OR NEW.state = 'ignored' AND NEW.reason <> 'change-ignored' AND NEW.reason <> 'existing'
        OR NEW.state = 'held' AND NEW.reason <> 'maybe-sent' AND NEW.reason <> 'cannot-tell')
BEGIN
    INSERT INTO known (dir) VALUES (NEW.dir) ON CONFLICT (dir) DO UPDATE SET made = 0, files = NULL WHERE made > 0;
END;
