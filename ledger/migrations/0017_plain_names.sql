-- Names in plain words: a state, an answer, and the mark of a content that is an asset because a person said so.
DROP INDEX items_work;
ALTER TABLE items DROP COLUMN work;

UPDATE items SET state = 'cleaning_up' WHERE state = 'tidying';
UPDATE history SET state = 'cleaning_up' WHERE state = 'tidying';
UPDATE items SET answer = 'link_existing' WHERE answer = 'adopt';
ALTER TABLE contents RENAME COLUMN adopted TO linked_existing;
UPDATE meta SET key = 'link_existing_asked' WHERE key = 'adopt_asked';

-- Which size class, or which request without a body, an item needs next: see work.go.
ALTER TABLE items ADD COLUMN work INTEGER GENERATED ALWAYS AS (CASE
    WHEN state = 'queued' OR state = 'preparing' OR state = 'uploading' THEN CASE WHEN size > 8388608 THEN 1 ELSE 2 END
    WHEN state = 'completing' THEN 3
    WHEN state = 'linking' THEN 4
    WHEN state = 'cleaning_up' THEN 5
END) VIRTUAL;
CREATE INDEX items_work ON items (work, root, not_before) WHERE work IS NOT NULL AND owner = '';
