-- Whoever asks for work finds it by what kind of work it is and by watch folder, in the order
-- in which it came, without going through what is not for them: files of the other size class,
-- of a folder that does not answer, or put off. An item in somebody's hands is not in the index,
-- so that what it goes through there costs nothing.
--
-- The kinds: 1 the bytes of a large file, 2 those of a small one, 3 completing, 4 joining
-- collections, 5 the local file after the import. See ledger/work.go.

ALTER TABLE items ADD COLUMN work INTEGER GENERATED ALWAYS AS (CASE
    WHEN state = 'queued' OR state = 'preparing' OR state = 'uploading' THEN CASE WHEN size > 8388608 THEN 1 ELSE 2 END
    WHEN state = 'completing' THEN 3
    WHEN state = 'linking' THEN 4
    WHEN state = 'tidying' THEN 5
END) VIRTUAL;

DROP INDEX items_claimable;
DROP INDEX items_due;
DROP INDEX items_claimable_size;
CREATE INDEX items_work ON items (work, root, not_before) WHERE work IS NOT NULL AND owner = '';
