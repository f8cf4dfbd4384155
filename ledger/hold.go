package ledger

import "scenario-drop/drop"

// Hold is what keeps an item where it is beyond its state: what is done with the item depends on it,
// and never on its reason, which is for people. It is stored; every change of the reason sets it.
type Hold string

// What items are kept for.
const (
	NoHold               Hold = ""
	HoldDecision         Hold = "decision"          // a person says whether Scenario holds it already
	HoldReconcile        Hold = "reconcile"         // the same, and a retry of all finds out again whether it does
	HoldPermission       Hold = "permission"        // Scenario allows it, one day
	HoldReadable         Hold = "readable"          // it can be read, one day
	HoldFolder           Hold = "folder"            // a setting of its folder is corrected
	HoldUnknown          Hold = "unknown"           // Scenario knows its upload again, or still does not after some tries
	HoldInterval         Hold = "interval"          // version_interval has passed since the version before
	HoldKind             Hold = "kind"              // the rule for kinds changes
	HoldChange           Hold = "change"            // on_change is another one
	HoldExisting         Hold = "existing"          // it was there before, and needs no further check
	HoldExistingAsked    Hold = "existing_asked"    // … the next scan takes it, as a person asked
	HoldExistingReleased Hold = "existing_released" // … the next scan takes it, as its folder does not skip it any more
)

// holds tells which reasons come with a hold. Migration 0016 has the same table, for items of before.
var holds = map[drop.Reason]Hold{
	drop.ReasonPossibleDuplicate: HoldDecision,
	drop.ReasonCannotReconcile:   HoldReconcile,
	drop.ReasonNotAllowed:        HoldPermission,
	drop.ReasonPlanLimit:         HoldPermission,
	drop.ReasonUnreadable:        HoldReadable,
	drop.ReasonFolderSetting:     HoldFolder,
	drop.ReasonUploadUnknown:     HoldUnknown,
	drop.ReasonVersionInterval:   HoldInterval,
	drop.ReasonOtherKind:         HoldKind,
	drop.ReasonNoAsset:           HoldKind,
	drop.ReasonChangeIgnored:     HoldChange,
	drop.ReasonExisting:          HoldExisting,
	drop.ReasonExistingAsked:     HoldExistingAsked,
	drop.ReasonExistingReleased:  HoldExistingReleased,
}

// HoldFor returns the hold that comes with a reason.
func HoldFor(r drop.Reason) Hold { return holds[r] }

// existing reports whether the file was there before its folder was watched with existing = "skip".
func (h Hold) existing() bool {
	return h == HoldExisting || h == HoldExistingAsked || h == HoldExistingReleased
}

// asks reports whether a person says what becomes of the item.
func (h Hold) asks() bool { return h == HoldDecision || h == HoldReconcile }

// staysHeld reports whether a held item is left as it is by a scan that finds its file unchanged: it
// waits for a person's word, or for Scenario's permission.
func (h Hold) staysHeld() bool { return h.asks() || h == HoldPermission }
