-- 1: a person asked that this version is sent as it is, whatever the completeness check or the
-- check of its kind says of it.
ALTER TABLE items ADD COLUMN forced INTEGER NOT NULL DEFAULT 0;

-- When a version that waited for the interval between versions of its file was due; 0: it did
-- not wait.
ALTER TABLE items ADD COLUMN version_at INTEGER NOT NULL DEFAULT 0;
