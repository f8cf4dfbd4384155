package ledger

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"scenario-drop/drop"
)

// before_redesign.db was written by the version of 2026-11-28, schema 14, through its own methods,
// with an item for each way in which one can stand. Its watch folder is /studio/Characters.
func beforeRedesign(t *testing.T) *Ledger {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("its paths are of other systems")
	}
	packed, err := os.Open("testdata/before_redesign.db.gz")
	must(t, err)
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	must(t, err)
	path := filepath.Join(t.TempDir(), "ledger.db")
	out, err := os.Create(path)
	must(t, err)
	_, err = io.Copy(out, r)
	must(t, err)
	must(t, out.Close())
	return openAt(t, path, newClock())
}

// A ledger of the version before the redesign is taken over: every item stands where it stood.
func TestLedgerOfTheVersionBeforeTheRedesign(t *testing.T) {
	l := beforeRedesign(t)
	for name, want := range map[string]struct {
		state    drop.State
		reason   drop.Reason
		asset    string
		attempts int
	}{
		"existing.png":    {drop.Ignored, drop.ReasonExisting, "", 0},
		"imported.png":    {drop.Imported, "", "asset_2", 0},
		"versions.png":    {drop.Uploading, "", "", 0},
		"half sent.bin":   {drop.Uploading, "", "", 0},
		"completing.png":  {drop.Completing, "", "", 0},
		"importing.png":   {drop.Importing, "", "", 0},
		"one request.png": {drop.Held, drop.ReasonPossibleDuplicate, "", 0},
		"not tagged.png":  {drop.Linking, drop.ReasonNotTagged, "asset_linking", 1},
		"moved.png":       {drop.CleaningUp, "", "asset_tidying", 0},
		"refused.png":     {drop.Failed, drop.ReasonRefused, "", 0},
		"size.png":        {drop.Failed, drop.ReasonTooLarge, "", 0},
		"gone.png":        {drop.Gone, drop.ReasonGone, "", 0},
		"superseded.png":  {drop.Superseded, drop.ReasonChanged, "", 0},
		"unwatched.png":   {drop.Ignored, drop.ReasonUnwatched, "", 0},
		"cut.png":         {drop.Held, drop.ReasonLooksCutOff, "", 0},
		"open.png":        {drop.Held, drop.ReasonStillOpen, "", 0},
		"empty.png":       {drop.Held, drop.ReasonEmpty, "", 0},
		"pointer.psd":     {drop.Held, drop.ReasonPointer, "", 0},
		"other.wav":       {drop.Held, drop.ReasonOtherKind, "", 0},
		"notes.txt":       {drop.Ignored, drop.ReasonNoAsset, "", 0},
		"large.png":       {drop.Ignored, drop.ReasonTooLarge, "", 0},
		"maybe.png":       {drop.Held, drop.ReasonPossibleDuplicate, "", 0},
		"cannot tell.png": {drop.Held, drop.ReasonCannotReconcile, "", 0},
		"not allowed.png": {drop.Held, drop.ReasonNotAllowed, "", 0},
		"plan.png":        {drop.Held, drop.ReasonPlanLimit, "", 0},
		"folder.png":      {drop.Queued, drop.ReasonFolderSetting, "", 0},
		"reconciling.png": {drop.Queued, drop.ReasonReconciling, "", 0},
		"later.png":       {drop.Queued, drop.ReasonServerFault, "", 1},
		"interval.png":    {drop.Queued, drop.ReasonVersionInterval, "", 0},
		"queued.png":      {drop.Queued, "", "", 0},
	} {
		it := found(t, l, filepath.Join("/studio/Characters", name))
		if it.State != want.state || it.Reason != want.reason || it.Hold != holds[want.reason] || it.Asset != want.asset || it.Attempts != want.attempts {
			t.Errorf("%s is %s, %q, asset %q, tried %d times; want %+v", name, it.State, it.Reason, it.Asset, it.Attempts, want)
		}
		if (it.State == drop.Held || it.State == drop.Failed) && it.Detail == "" {
			t.Errorf("%s does not say why", name)
		}
	}

	// What was half sent goes on with the parts that are missing.
	half := found(t, l, "/studio/Characters/half sent.bin")
	sent, err := l.PartsSent(t.Context(), half.Upload.ID)
	if err != nil || len(sent) != 2 || sent[2] != (Part{Number: 2, Size: 500, CRC32C: 2, ETag: "etag2"}) || half.Upload.Parts != 3 || half.Upload.Remote == "" {
		t.Errorf("half sent: %+v, %v, %v", half.Upload, sent, err)
	}
	// Versions know the asset before them, and assets their collections and cleanup.
	if asset, err := l.PreviousAsset(t.Context(), found(t, l, "/studio/Characters/versions.png"), "host/project"); err != nil || asset != "asset_3" {
		t.Errorf("the version before is %q, %v", asset, err)
	}
	if c, err := l.Memberships(t.Context(), "host/project", "asset_2"); err != nil || !slices.Equal(c, []string{"collection_1"}) {
		t.Errorf("memberships %q, %v", c, err)
	}
	if c, ok, err := l.CleanupOf(t.Context(), found(t, l, "/studio/Characters/moved.png")); err != nil || !ok || c.Target != "/studio/Done" {
		t.Errorf("cleanup %+v, %v, %v", c, ok, err)
	}
	if it := found(t, l, "/studio/Characters/maybe.png"); !slices.Equal(it.Candidates, []string{"asset_x", "asset_y"}) {
		t.Errorf("candidates %q", it.Candidates)
	}
	if n, err := l.VersionsWaiting(t.Context()); err != nil || n != 1 {
		t.Errorf("%d versions wait, %v", n, err)
	}
	if kinds, err := l.KindsNotAllowed(t.Context()); err != nil || len(kinds) == 0 {
		t.Errorf("kinds not allowed %v, %v", kinds, err)
	}
	if n, err := l.CountDecisions(t.Context()); err != nil || n != 3 {
		t.Errorf("%d wait for a decision, %v", n, err)
	}
	// What can be taken up is taken up, once each.
	must(t, l.ReleaseAll(t.Context()))
	if got := claimAll(t, l, "w"); len(got) < 4 {
		t.Errorf("only %s can be taken up", names(got))
	}
}
