package uploader

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// What happens to a file before and while it is sent, and what becomes of its item.
func TestFilesThatChange(t *testing.T) {
	change := func(r *rig, path string) { r.must(os.WriteFile(path, r.png(small), 0o644)) }
	remove := func(r *rig, path string) { r.must(os.Remove(path)) }
	folder := func(r *rig, path string) {
		remove(r, path)
		r.must(os.Mkdir(path, 0o755))
	}
	away := func(r *rig, _ string) { r.must(os.Rename(r.dir, r.dir+" away")) }
	unwatch := func(r *rig, _ string) { r.u.SetSettings(Settings{}) }
	for _, c := range []struct {
		name   string
		when   string // the call during which it happens; "": before anything is done
		what   func(*rig, string)
		state  drop.State
		reason drop.Reason
		told   bool // whoever finds files is told of it
	}{
		{name: "changed", what: change, state: drop.Superseded, reason: drop.ReasonChanged, told: true},
		{name: "changed as the upload is made", when: fakescenario.Create, what: change, state: drop.Superseded, reason: drop.ReasonChanged, told: true},
		{name: "changed as it is sent", when: fakescenario.Part, what: change, state: drop.Superseded, reason: drop.ReasonChanged, told: true},
		{name: "changed as it is completed", when: fakescenario.Complete, what: change, state: drop.Imported},
		{name: "deleted", what: remove, state: drop.Gone, reason: drop.ReasonGone},
		{name: "deleted as the upload is made", when: fakescenario.Create, what: remove, state: drop.Gone, reason: drop.ReasonGone},
		{name: "deleted as it is sent", when: fakescenario.Part, what: remove, state: drop.Gone, reason: drop.ReasonGone},
		{name: "a folder takes its name", what: folder, state: drop.Gone, reason: drop.ReasonGone},
		{name: "its watch folder is away", what: away, state: drop.Queued, reason: drop.ReasonFolderMissing},
		{name: "its watch folder is away as it is sent", when: fakescenario.Part, what: away, state: drop.Queued, reason: drop.ReasonFolderMissing},
		{name: "its folder is not watched any more", what: unwatch, state: drop.Ignored, reason: drop.ReasonUnwatched},
		{name: "its folder is taken out as the upload is made", when: fakescenario.Create, what: unwatch, state: drop.Ignored, reason: drop.ReasonUnwatched},
		{name: "its folder is taken out as it is sent", when: fakescenario.Part, what: unwatch, state: drop.Ignored, reason: drop.ReasonUnwatched},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, size := range map[string]int{"small": small, "medium": medium} {
				t.Run(name, func(t *testing.T) {
					run(t, setup{}, func(r *rig) {
						it := r.saved("a.png", size)
						if c.when == "" {
							c.what(r, it.Path)
						} else {
							r.Fail(fakescenario.Failure{Op: c.when, Call: func() { c.what(r, it.Path) }})
						}
						r.work()
						r.stands(it, c.state, c.reason)
						if told := len(r.recheck) > 0; told != c.told {
							t.Errorf("told to be checked again: %v", r.recheck)
						}
						if assets, _, _ := r.Held(); c.state != drop.Imported && len(assets) > 0 {
							t.Errorf("an asset came of it: %+v", assets)
						}
						if c.state != drop.Imported && r.Count(fakescenario.Complete) > 0 {
							t.Error("it was completed")
						}
					})
				})
			}
		})
	}
}

// A large file whose last bytes change while it is sent, in a way that shows in no modification time, becomes an
// asset of what it was or of what it is, or none: never of a mixture that was hashed as something else.
func TestBytesThatChange(t *testing.T) {
	run(t, setup{}, func(r *rig) {
		content := r.png(large)
		it := r.save("a.png", content)
		r.Fail(fakescenario.Failure{Op: fakescenario.Part, Call: func() {
			f, err := os.OpenFile(it.Path, os.O_WRONLY, 0)
			r.must(err)
			_, err = f.WriteAt([]byte("changed"), large-100)
			r.must(err)
			r.must(f.Close())
			r.must(os.Chtimes(it.Path, time.Unix(0, it.Fingerprint.ModTime), time.Unix(0, it.Fingerprint.ModTime)))
		}})
		r.work()
		if it = r.item(it.ID); it.State == drop.Imported {
			_, held, _ := r.Held()
			sum := sha256.Sum256(held[0])
			now := slices.Clone(content)
			copy(now[large-100:], "changed")
			if !bytes.Equal(it.SHA256, sum[:]) || !bytes.Equal(held[0], content) && !bytes.Equal(held[0], now) {
				t.Errorf("the hash is %x, and Scenario holds what has %x", it.SHA256, sum)
			}
			return
		}
		if it.State != drop.Superseded && it.State != drop.Queued || r.Count(fakescenario.Complete) > 0 {
			t.Errorf("it is %s for %s", it.State, it.Reason)
		}
	})
}

// Of two files with the same bytes the second waits while the first is on its way, and then shares its
// asset, in the collections of both; or takes its place.
func TestDuplicatesInFlight(t *testing.T) {
	for name, size := range map[string]int{"small": small, "medium": medium, "large": large} {
		for _, fails := range []bool{false, true} {
			title := name
			if fails {
				title += ", and the first is refused"
			}
			t.Run(title, func(t *testing.T) {
				run(t, setup{}, func(r *rig) {
					content := r.png(size)
					first := r.save("first.png", content)
					claimed := r.claim()
					second := r.save("second.png", content)
					next := r.claim()
					f := fakescenario.Failure{Op: fakescenario.Create, Call: func() { r.u.work(r.Context(), next[0], func() {}) }}
					if fails {
						f.Err = fakescenario.Status(fakescenario.Create, 400)
					}
					r.Fail(f)
					r.u.work(r.Context(), claimed[0], func() {})
					r.stands(second, drop.Queued, drop.ReasonDuplicateInFlight)
					if fails {
						r.stands(first, drop.Failed, drop.ReasonRefused)
					} else {
						r.stands(first, drop.Imported, "")
					}
					time.Sleep(duplicatePatience) // where none of the two was known to the other
					r.work()
					second = r.stands(second, drop.Imported, "")
					r.asset(second, content)
					if creates := r.Count(fakescenario.Create); creates != map[bool]int{false: 1, true: 2}[fails] {
						t.Errorf("%d uploads were made", creates)
					}
				})
			})
		}
	}
}

// A content that is an asset already is not sent again, joins this folder's collection, and is sent again
// where the asset is gone.
func TestKnownContent(t *testing.T) {
	for name, size := range map[string]int{"small": small, "medium": medium} {
		t.Run(name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				content := r.png(size)
				first := r.save("first.png", content)
				r.work()
				second := r.save("second.png", content)
				r.work()
				second = r.stands(second, drop.Imported, "")
				if second.Asset != r.item(first.ID).Asset || second.Detail == "" || r.Count(fakescenario.Create) != 1 {
					t.Errorf("the second is %+v", second)
				}
				r.Delete(second.Asset)
				third := r.save("third.png", content)
				r.work()
				r.stands(third, drop.Queued, drop.ReasonAssetGone)
				r.work()
				third = r.stands(third, drop.Imported, "")
				r.asset(third, content)
			})
		})
	}
}

// What a file is decides as what it is sent, or that it is not.
func TestKinds(t *testing.T) {
	glb := append([]byte("glTF\x02\x00\x00\x00\x14\x00\x00\x00\x00\x00\x00\x00JSON"), make([]byte, 100)...)
	for _, c := range []struct {
		name   string
		file   string
		bytes  []byte
		rule   func(*Rule)
		state  drop.State
		reason drop.Reason
		kind   string
	}{
		{name: "a picture", file: "a.png", state: drop.Imported, kind: "image"},
		{name: "a model of another kind is held", file: "a.glb", bytes: glb, state: drop.Held, reason: drop.ReasonOtherKind},
		{name: "other kinds may be sent", file: "a.glb", bytes: glb, rule: func(r *Rule) { r.SendOthers = true }, state: drop.Imported, kind: "3d"},
		{name: "the folder takes all kinds", file: "a.glb", bytes: glb, rule: func(r *Rule) { r.Kind = "auto" }, state: drop.Imported, kind: "3d"},
		{name: "nobody would call it an asset", file: "a.sh", bytes: []byte("#!/bin/sh\necho hello\n"), rule: func(r *Rule) { r.Kind = "auto" }, state: drop.Ignored, reason: drop.ReasonNoAsset},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{rule: c.rule}, func(r *rig) {
				if c.bytes == nil {
					c.bytes = r.png(small)
				}
				it := r.save(c.file, c.bytes)
				r.work()
				it = r.stands(it, c.state, c.reason)
				if c.kind != "" && it.Kind != c.kind {
					t.Errorf("it was sent as %q", it.Kind)
				}
			})
		})
	}
}

// A folder whose rule changes while a file is judged by the old one judges it again.
func TestRuleThatChangesMeanwhile(t *testing.T) {
	run(t, setup{}, func(r *rig) {
		it := r.save("a.glb", append([]byte("glTF\x02\x00\x00\x00\x14\x00\x00\x00\x00\x00\x00\x00JSON"), make([]byte, 100)...))
		r.work()
		r.stands(it, drop.Held, drop.ReasonOtherKind)
		r.edit(func(rule *Rule) { rule.SendOthers = true })
		must[int](r)(r.l.RecheckKinds(r.Context(), r.dir))
		r.work()
		r.stands(it, drop.Imported, "")
	})
}

// The version before is the parent of the next one, but not of another project, and hidden where the folder says so.
func TestVersionsAndParents(t *testing.T) {
	run(t, setup{rule: func(r *Rule) { r.Versions, r.Hide = true, true }}, func(r *rig) {
		first := r.worked("a.png", small)
		second := r.worked("a.png", small)
		a := must[*scenario.Asset](r)(r.GetAsset(r.Context(), second.Asset))
		if a.ParentID != first.Asset || !a.Hidden {
			t.Errorf("the second version is %+v, the first %s", a, first.Asset)
		}
		// It was deleted at Scenario meanwhile: the next is sent without it, and says so.
		r.Delete(second.Asset)
		third := r.worked("a.png", small)
		r.stands(third, drop.Imported, drop.ReasonWithoutParent)
	})
}

// A half-sent upload is gone on with, or dropped, by what Scenario says of it.
func TestResume(t *testing.T) {
	const get = fakescenario.Get
	for _, c := range []struct {
		name   string
		before func(*rig, ledger.Item)
		state  drop.State
		reason drop.Reason
		sent   int // parts, after the one that was there
	}{
		{name: "one part is left", state: drop.Imported, sent: 1},
		{name: "unknown", before: func(r *rig, it ledger.Item) { r.Delete(it.Upload.Remote) }, state: drop.Queued, reason: drop.ReasonStartedOver},
		{name: "failed meanwhile", before: func(r *rig, it ledger.Item) {
			r.Change(it.Upload.Remote, func(u *scenario.Upload) { u.Status = "failed" })
		}, state: drop.Queued, reason: drop.ReasonStartedOver},
		{name: "the file has changed", before: func(r *rig, it ledger.Item) { r.must(os.WriteFile(it.Path, r.png(large), 0o644)) }, state: drop.Superseded, reason: drop.ReasonChanged},
		{name: "the folder is not watched any more", before: func(r *rig, _ ledger.Item) { r.u.SetSettings(Settings{}) }, state: drop.Ignored, reason: drop.ReasonUnwatched},
		{name: "another project", before: func(r *rig, _ ledger.Item) { r.start(func(o *Options) { o.Scope = "host#another" }) }, state: drop.Queued, reason: drop.ReasonProjectChanged},
		{name: "the record may not be read", before: func(r *rig, _ ledger.Item) { r.Fail(fails(get, fakescenario.Status(get, 403), always)...) }, state: drop.Held, reason: drop.ReasonNotAllowed},
		{name: "a fault that stays", before: func(r *rig, _ ledger.Item) { r.Fail(fails(get, fakescenario.Status(get, 500), always)...) }, state: drop.Uploading, reason: drop.ReasonServerFault},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				r.Fail(fakescenario.Failure{Op: fakescenario.Part, Err: fakescenario.Status(fakescenario.Part, 500), Skip: 1, Times: always})
				it := r.worked("a.png", large)
				r.stands(it, drop.Uploading, drop.ReasonServerFault)
				if !receipt(r, it) {
					t.Fatal("there is no receipt")
				}
				r.Heal()
				time.Sleep(time.Minute)
				if c.before != nil {
					c.before(r, it)
				}
				parts := r.Count(fakescenario.Part)
				r.work()
				r.stands(it, c.state, c.reason)
				if n := r.Count(fakescenario.Part) - parts; n != c.sent {
					t.Errorf("%d parts were sent", n)
				}
			})
		})
	}
}

// What goes on is shown, and taken up when it may be.
func TestPauseAndShow(t *testing.T) {
	run(t, setup{}, func(r *rig) {
		it := r.saved("a.png", medium)
		r.u.Pause(r.u.now().Add(time.Minute))
		r.running(30 * time.Second)
		r.stands(it, drop.Queued, "")
		if until, paused := r.u.Paused(); !paused || !until.Equal(r.u.now().Add(30*time.Second)) {
			t.Errorf("paused: %v until %v", paused, until)
		}
		r.u.Resume()
		var shown []Transfer
		r.Fail(fakescenario.Failure{Op: fakescenario.Part, Call: func() { shown = r.u.Transfers() }})
		r.running(5 * time.Second)
		r.stands(it, drop.Imported, "")
		if len(shown) != 1 || shown[0].Item != it.ID || shown[0].Sent != medium || shown[0].Size != medium || shown[0].Path != it.Path || len(r.u.Transfers()) != 0 || r.u.BytesSent() != medium {
			t.Errorf("shown were %+v, sent %d", shown, r.u.BytesSent())
		}
		r.u.Pause(time.Time{})
		if until, paused := r.u.Paused(); !paused || !until.IsZero() {
			t.Errorf("paused: %v until %v", paused, until)
		}
		if _, ok := r.u.Trouble(); ok || filepath.Base(it.Path) != "a.png" {
			t.Error("there is trouble")
		}
	})
}
