-- What Known answers of a directory, packed, so that a look through a large tree in which
-- nothing is new does not read a row per file. It is never more than a copy: whatever
-- changes an answer takes it away, in the same transaction.

CREATE TABLE known (
    dir   BLOB NOT NULL PRIMARY KEY,
    made  INTEGER NOT NULL DEFAULT 0,   -- 0: to be made, 1: being made, 2: made
    files BLOB                          -- see packFile; NULL until made
) STRICT;

-- The queries repeat this condition word for word.
CREATE INDEX known_to_make ON known (dir) WHERE made < 2;

INSERT INTO known (dir) SELECT DISTINCT dir FROM files;

-- A row of files keeps its dir and name for as long as it is there.
CREATE TRIGGER known_file_came AFTER INSERT ON files BEGIN
    INSERT INTO known (dir) VALUES (NEW.dir) ON CONFLICT (dir) DO UPDATE SET made = 0, files = NULL WHERE made > 0;
END;
CREATE TRIGGER known_file_changed AFTER UPDATE ON files BEGIN
    INSERT INTO known (dir) VALUES (NEW.dir) ON CONFLICT (dir) DO UPDATE SET made = 0, files = NULL WHERE made > 0;
END;
CREATE TRIGGER known_file_went AFTER DELETE ON files BEGIN
    INSERT INTO known (dir) VALUES (OLD.dir) ON CONFLICT (dir) DO UPDATE SET made = 0, files = NULL WHERE made > 0;
END;

-- An item moves several times on its way without any change of the answer. The condition
-- is what knownQuery leaves out, before and after; a list after IN would be made anew with
-- each move, which takes a third as long as the move.
CREATE TRIGGER known_item_moved AFTER UPDATE OF state, reason ON items
WHEN (OLD.state = 'gone' OR OLD.state = 'superseded' OR OLD.state = 'ignored' AND OLD.reason <> 'change-ignored'
        OR OLD.state = 'held' AND OLD.reason <> 'maybe-sent' AND OLD.reason <> 'cannot-tell')
    <> (NEW.state = 'gone' OR NEW.state = 'superseded' OR NEW.state = 'ignored' AND NEW.reason <> 'change-ignored'
        OR NEW.state = 'held' AND NEW.reason <> 'maybe-sent' AND NEW.reason <> 'cannot-tell')
BEGIN
    INSERT INTO known (dir) VALUES (NEW.dir) ON CONFLICT (dir) DO UPDATE SET made = 0, files = NULL WHERE made > 0;
END;
