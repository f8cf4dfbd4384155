-- What Scenario may hold already, and what the user said of it.

ALTER TABLE items ADD COLUMN answer TEXT NOT NULL DEFAULT '';     -- '', 'send' or 'adopt'
ALTER TABLE items ADD COLUMN candidates TEXT NOT NULL DEFAULT ''; -- assets it may be, newest first, one a line

-- 1: the user said that the asset is this content; its bytes were never compared.
ALTER TABLE contents ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;

-- The queries repeat this condition word for word.
CREATE INDEX items_asking ON items (id) WHERE state = 'held' AND reason IN ('maybe-sent', 'cannot-tell');
