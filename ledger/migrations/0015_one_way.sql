-- Small images are no longer sent in the one request that makes their asset. Where the answer to
-- such a request was lost, or is still to be asked for, Scenario may have the file: nothing is sent
-- until a person says so. The item keeps its claim of the content, so that no copy is sent either.
UPDATE items SET state = 'held', reason = 'maybe-sent', owner = '', lease = 0, not_before = 0, attempts = 0, answer = '', upload = NULL,
    detail = 'An earlier version sent it in one request, and the answer was lost: Scenario may have it already. To send it again: scenario-drop retry PATH.'
    WHERE state = 'completing' AND upload IN (SELECT id FROM uploads WHERE parts = 0 AND remote = '')
        OR state IN ('queued', 'preparing') AND answer = 'look';
UPDATE items SET reason = 'maybe-sent', answer = '' WHERE state = 'held' AND answer = 'look';
UPDATE uploads SET remote = 'none' WHERE parts = 0 AND remote = '';
