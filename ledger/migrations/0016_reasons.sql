-- Reasons are for people, and are spelled in one way. What is done with an item depends on its hold,
-- which every change of the reason sets: see hold.go.
ALTER TABLE items ADD COLUMN hold TEXT NOT NULL DEFAULT '';

DROP TRIGGER known_item_moved;
DROP INDEX items_asking;
DROP INDEX items_attention;
DROP INDEX items_existing;

UPDATE items SET reason = CASE reason
    WHEN 'maybe-sent' THEN 'possible_duplicate'
    WHEN 'cannot-tell' THEN 'cannot_reconcile'
    WHEN 'not-allowed' THEN 'not_allowed'
    WHEN 'plan-limit' THEN 'plan_limit'
    WHEN 'not-tagged' THEN 'not_tagged'
    WHEN 'change-ignored' THEN 'change_ignored'
    WHEN 'folder-trouble' THEN 'folder_setting'
    WHEN 'without-parent' THEN 'without_parent'
    WHEN 'same-content' THEN 'duplicate_in_flight'
    WHEN 'asset-gone' THEN 'asset_gone'
    WHEN 'judged-again' THEN 'rules_changed'
    WHEN 'tried-again' THEN 'retried'
    WHEN 'adopting' THEN 'linking_existing'
    WHEN 'adopted' THEN 'linked_existing'
    WHEN 'not-tidied' THEN 'not_cleaned_up'
    WHEN 'cleanup-failed' THEN 'cleanup_failed'
    WHEN 'folder-away' THEN 'folder_missing'
    WHEN 'folder-swapped' THEN 'folder_replaced'
    WHEN 'no-descriptors' THEN 'no_descriptors'
    WHEN 'server-fault' THEN 'server_fault'
    WHEN 'no-answer' THEN 'folder_unresponsive'
    WHEN 'unknown' THEN 'upload_unknown'
    WHEN 'ledger' THEN 'local_database'
    WHEN 'project-changed' THEN 'project_changed'
    WHEN 'start-over' THEN 'started_over'
    WHEN 'not-linked' THEN 'not_linked'
    WHEN 'size' THEN 'too_large'
    WHEN 'slow-import' THEN 'slow_import'
    WHEN 'too-large' THEN 'too_large'
    WHEN 'built-in' THEN 'built_in'
    WHEN 'exclude' THEN 'excluded'
    WHEN 'include' THEN 'not_included'
    WHEN 'unless-included' THEN 'unless_included'
    WHEN 'no-asset' THEN 'no_asset_name'
    WHEN 'not-recursive' THEN 'not_recursive'
    WHEN 'too-deep' THEN 'too_deep'
    ELSE reason END
    WHERE reason IN ('maybe-sent', 'cannot-tell', 'not-allowed', 'plan-limit', 'not-tagged', 'change-ignored', 'folder-trouble', 'without-parent', 'same-content', 'asset-gone', 'judged-again', 'tried-again', 'adopting', 'adopted', 'not-tidied', 'cleanup-failed', 'folder-away', 'folder-swapped', 'no-descriptors', 'server-fault', 'no-answer', 'unknown', 'ledger', 'project-changed', 'start-over', 'not-linked', 'size', 'slow-import', 'too-large', 'built-in', 'exclude', 'include', 'unless-included', 'no-asset', 'not-recursive', 'too-deep');
UPDATE history SET reason = CASE reason
    WHEN 'maybe-sent' THEN 'possible_duplicate'
    WHEN 'cannot-tell' THEN 'cannot_reconcile'
    WHEN 'not-allowed' THEN 'not_allowed'
    WHEN 'plan-limit' THEN 'plan_limit'
    WHEN 'not-tagged' THEN 'not_tagged'
    WHEN 'change-ignored' THEN 'change_ignored'
    WHEN 'folder-trouble' THEN 'folder_setting'
    WHEN 'without-parent' THEN 'without_parent'
    WHEN 'same-content' THEN 'duplicate_in_flight'
    WHEN 'asset-gone' THEN 'asset_gone'
    WHEN 'judged-again' THEN 'rules_changed'
    WHEN 'tried-again' THEN 'retried'
    WHEN 'adopting' THEN 'linking_existing'
    WHEN 'adopted' THEN 'linked_existing'
    WHEN 'not-tidied' THEN 'not_cleaned_up'
    WHEN 'cleanup-failed' THEN 'cleanup_failed'
    WHEN 'folder-away' THEN 'folder_missing'
    WHEN 'folder-swapped' THEN 'folder_replaced'
    WHEN 'no-descriptors' THEN 'no_descriptors'
    WHEN 'server-fault' THEN 'server_fault'
    WHEN 'no-answer' THEN 'folder_unresponsive'
    WHEN 'unknown' THEN 'upload_unknown'
    WHEN 'ledger' THEN 'local_database'
    WHEN 'project-changed' THEN 'project_changed'
    WHEN 'start-over' THEN 'started_over'
    WHEN 'not-linked' THEN 'not_linked'
    WHEN 'size' THEN 'too_large'
    WHEN 'slow-import' THEN 'slow_import'
    WHEN 'too-large' THEN 'too_large'
    WHEN 'built-in' THEN 'built_in'
    WHEN 'exclude' THEN 'excluded'
    WHEN 'include' THEN 'not_included'
    WHEN 'unless-included' THEN 'unless_included'
    WHEN 'no-asset' THEN 'no_asset_name'
    WHEN 'not-recursive' THEN 'not_recursive'
    WHEN 'too-deep' THEN 'too_deep'
    ELSE reason END
    WHERE reason IN ('maybe-sent', 'cannot-tell', 'not-allowed', 'plan-limit', 'not-tagged', 'change-ignored', 'folder-trouble', 'without-parent', 'same-content', 'asset-gone', 'judged-again', 'tried-again', 'adopting', 'adopted', 'not-tidied', 'cleanup-failed', 'folder-away', 'folder-swapped', 'no-descriptors', 'server-fault', 'no-answer', 'unknown', 'ledger', 'project-changed', 'start-over', 'not-linked', 'size', 'slow-import', 'too-large', 'built-in', 'exclude', 'include', 'unless-included', 'no-asset', 'not-recursive', 'too-deep');
UPDATE items SET hold = CASE reason
    WHEN 'possible_duplicate' THEN 'decision'
    WHEN 'cannot_reconcile' THEN 'reconcile'
    WHEN 'not_allowed' THEN 'permission'
    WHEN 'plan_limit' THEN 'permission'
    WHEN 'unreadable' THEN 'readable'
    WHEN 'folder_setting' THEN 'folder'
    WHEN 'upload_unknown' THEN 'unknown'
    WHEN 'version_interval' THEN 'interval'
    WHEN 'other_kind' THEN 'kind'
    WHEN 'no_asset' THEN 'kind'
    WHEN 'change_ignored' THEN 'change'
    WHEN 'existing' THEN 'existing'
    WHEN 'existing_asked' THEN 'existing_asked'
    WHEN 'existing_released' THEN 'existing_released'
    ELSE '' END
    WHERE reason IN ('possible_duplicate', 'cannot_reconcile', 'not_allowed', 'plan_limit', 'unreadable', 'folder_setting', 'upload_unknown', 'version_interval', 'other_kind', 'no_asset', 'change_ignored', 'existing', 'existing_asked', 'existing_released');

CREATE INDEX items_asking ON items (id) WHERE state = 'held' AND hold IN ('decision', 'reconcile');
CREATE INDEX items_attention ON items (root, id, state, hold) WHERE state = 'failed' OR state = 'held';
CREATE INDEX items_existing ON items (root, size, mtime) WHERE state = 'ignored' AND hold = 'existing';

CREATE TRIGGER known_item_moved AFTER UPDATE OF state, hold ON items
WHEN (OLD.state = 'gone' OR OLD.state = 'superseded' OR OLD.state = 'ignored' AND OLD.hold <> 'change' AND OLD.hold <> 'existing'
        OR OLD.state = 'held' AND OLD.hold <> 'decision' AND OLD.hold <> 'reconcile')
    <> (NEW.state = 'gone' OR NEW.state = 'superseded' OR NEW.state = 'ignored' AND NEW.hold <> 'change' AND NEW.hold <> 'existing'
        OR NEW.state = 'held' AND NEW.hold <> 'decision' AND NEW.hold <> 'reconcile')
BEGIN
    INSERT INTO known (dir) VALUES (NEW.dir) ON CONFLICT (dir) DO UPDATE SET made = 0, files = NULL WHERE made > 0;
END;

-- What scans counted goes by reason as well: the next one counts again.
DELETE FROM meta WHERE key = 'folder_scans';
