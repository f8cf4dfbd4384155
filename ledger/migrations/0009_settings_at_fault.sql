-- A note of what an upload was made without, such as a parent that is gone.
ALTER TABLE uploads ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- Files that failed because of a setting of their folder go on once it is mended. Earlier
-- versions booked that on the file. Trying once more makes nothing at Scenario.
UPDATE items SET state = 'queued', reason = '', detail = '', attempts = 0, not_before = 0, upload = NULL
    WHERE state = 'failed' AND reason = 'refused' AND owner = ''
    AND (detail LIKE '%, which the config names, does not exist%' OR detail LIKE 'Scenario refused it: %parent%')
    AND id = (SELECT item FROM files f WHERE f.dir = items.dir AND f.name = items.name);
