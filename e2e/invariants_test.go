package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/standin"
)

// The tests of this file are named by the invariants that README and docs/reliability.md
// promise: each tries a whole one through the built program, in a quick form. What each
// fault does to it is shown by the tests that docs/reliability.md names.

const quick = "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\n"

// drawing returns a PNG with sides of so many pixels.
func drawing(t *testing.T, side int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	copy(img.Pix, noise(len(img.Pix), uint64(side)))
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Content becomes at most one asset: in two folders, under several names, copied, renamed
// while nobody looks, and with the daemon killed in the middle.
func TestInvariant1OneContentOneAsset(t *testing.T) {
	s := newStudio(t, standin.Options{})
	s.configure("part_size = '5MiB'", map[string]string{
		"Characters": quick + "collections = ['Characters']", "Props": quick + "collections = ['Props']"})
	first := s.start()
	s.server.Inject(standin.Fault{Op: standin.OpPart, When: standin.After, Do: standin.DoStall, Times: -1})
	large, small := noise(2*partSize+1, 1), noise(1000, 2)
	sums := []string{s.save(large, "Characters", "large.bin"), s.save(small, "Characters", "small.bin")}
	s.save(large, "Props", "the same.bin")
	s.save(small, "Props", "small.bin")
	until(t, "parts are stored", func() bool { return s.server.Account().Requests[standin.OpPart] >= 2 }, first.output)
	first.kill()
	s.server.ClearFaults()
	if err := os.Rename(s.path("Characters", "large.bin"), s.path("Characters", "renamed.bin")); err != nil {
		t.Fatal(err)
	}
	s.save(small, "Characters", "copy of small.bin")

	again := s.start()
	s.imported(again, sums...)
	s.took(again, 5)
	s.exactlyOnce(sums...)
	for _, a := range s.server.Account().Assets {
		if len(a.Collections) != 2 {
			t.Errorf("%s is in %d collections, want both folders'", a.Name, len(a.Collections))
		}
	}
}

// A file that settled is imported, or stands in the ledger with a reason that a person can
// read and a next step that works.
func TestInvariant2ImportedOrAReason(t *testing.T) {
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": quick})
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 422})
	refused := noise(1000, 1)
	sums := []string{s.save(refused, "Characters", "refused.bin")}
	if out, code := s.command("once"); code != 3 || !strings.Contains(out, "refused.bin") {
		t.Errorf("once ended with %d:\n%s", code, out)
	}
	complete := drawing(t, 64)
	s.save(complete[:len(complete)-20], "Characters", "cut.png")
	s.save(nil, "Characters", "empty.png")
	if out, code := s.command("once"); code != 3 {
		t.Errorf("once ended with %d:\n%s", code, out)
	}
	for _, name := range []string{"refused.bin", "cut.png", "empty.png"} {
		out, _ := s.command("why", s.path("Characters", name))
		if !strings.Contains(out, name) || !strings.ContainsAny(out, ".") || len(out) < 40 {
			t.Errorf("why %s says no reason:\n%s", name, out)
		}
	}
	// The next steps: retry, and saving the file anew.
	if out, code := s.command("retry", s.path("Characters", "refused.bin")); code != 0 {
		t.Errorf("retry ended with %d:\n%s", code, out)
	}
	sums = append(sums, s.save(complete, "Characters", "cut.png"), s.save(noise(500, 3), "Characters", "empty.png"))
	if out, code := s.command("once"); code != 0 {
		t.Errorf("once ended with %d:\n%s", code, out)
	}
	s.exactlyOnce(sums...)
}

// Nothing half-written is completed, and what Scenario holds has the SHA-256 in the ledger.
func TestInvariant3NothingHalfWritten(t *testing.T) {
	s := newStudio(t, standin.Options{})
	s.configure("part_size = '5MiB'", map[string]string{"Characters": quick})
	d := s.start()
	s.server.Inject(standin.Fault{Op: standin.OpPart, Do: standin.DoDelay, Delay: 200 * time.Millisecond, Times: -1})
	complete := map[string]bool{}
	var last string
	for version := range uint64(4) {
		data := noise(partSize+1000, version)
		f, err := os.Create(s.path("Characters", "scene.bin"))
		if err != nil {
			t.Fatal(err)
		}
		for _, half := range [][]byte{data[:partSize/2], data[partSize/2:]} {
			if _, err := f.Write(half); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // open and half written for so long
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		last = hex.EncodeToString(sum[:])
		complete[last] = true
		// The next version comes while this one is being sent.
		parts := s.server.Account().Requests[standin.OpPart]
		until(t, "it is being sent", func() bool { return s.server.Account().Requests[standin.OpPart] > parts }, d.output)
	}
	s.imported(d, last)
	s.settled(d)
	db := s.ledger()
	defer db.Close()
	for _, a := range s.server.Account().Assets {
		if !complete[a.SHA256] {
			t.Errorf("the asset %s is no version that was ever saved", a.ID)
		}
		var n int
		sum, err := hex.DecodeString(a.SHA256)
		if err == nil {
			err = db.QueryRow("SELECT count(*) FROM contents WHERE asset = ? AND sha256 = ?", a.ID, sum).Scan(&n)
		}
		if err != nil || n != 1 {
			t.Errorf("the local database has the content of %s %d times (%v)", a.ID, n, err)
		}
	}
}

// Nothing local is moved or trashed unless its exact content is imported, and nothing that
// the person made is ever lost.
func TestInvariant4LocalFilesAreSafe(t *testing.T) {
	s := newStudio(t, standin.Options{})
	if err := os.Mkdir(s.path("share"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", s.path("share"))
	s.configure("", map[string]string{
		"Done": quick + "after_upload = 'move'\nmove_to = 'Uploaded'", "Bin": quick + "after_upload = 'trash'"})
	d := s.start()
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 422, Times: 2})
	var made [][]byte
	save := func(data []byte, dir, name string) string {
		made = append(made, data)
		return s.save(data, dir, name)
	}
	save(noise(1000, 1), "Done", "refused.bin")
	save(noise(1000, 2), "Bin", "refused.bin")
	until(t, "two are refused", func() bool { return s.server.Account().Fired == 2 }, d.output)
	// One that changes while Scenario imports what was sent of it.
	s.server.Inject(standin.Fault{Op: standin.OpGet, Do: standin.DoDelay, Delay: 300 * time.Millisecond, Times: 4})
	before := s.save(noise(1000, 3), "Done", "changes.bin")
	until(t, "it is being imported", func() bool { return s.server.Account().Requests[standin.OpComplete] > 0 }, d.output)
	after := save(noise(1000, 4), "Done", "changes.bin")
	s.imported(d, before, after, save1(s, &made, "Bin", 5), save1(s, &made, "Done", 6))
	s.settled(d)

	held := s.server.Account().BySHA256()
	there := map[string]bool{}
	for _, root := range []string{s.path("Done"), s.path("Bin"), s.path("share")} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			sum := sha256.Sum256(data)
			there[hex.EncodeToString(sum[:])] = true
			away := strings.Contains(path, "Uploaded") || strings.Contains(path, filepath.Join("Trash", "files"))
			if away && len(held[hex.EncodeToString(sum[:])]) == 0 {
				t.Errorf("%s was taken away, and Scenario does not hold it", path)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	for i, data := range made {
		sum := sha256.Sum256(data)
		if !there[hex.EncodeToString(sum[:])] {
			t.Errorf("file %d that was saved is nowhere any more\n%s", i, d.output())
		}
	}
}

func save1(s *studio, made *[][]byte, dir string, seed uint64) string {
	data := noise(1000, seed)
	*made = append(*made, data)
	return s.save(data, dir, fmt.Sprintf("%d.bin", seed))
}

// The key goes to the API alone; neither it nor a part's URL is in what is written or said.
func TestInvariant6KeyGoesToTheAPIAlone(t *testing.T) {
	s := newStudio(t, standin.Options{Key: "api-canarykey", Secret: "secret-canary"})
	s.configure("", map[string]string{"Characters": quick})
	s.server.Inject(standin.Fault{Op: standin.OpPart, Do: standin.DoStatus, Status: 403}) // an expired URL, which is worth a line
	d := s.start()
	sum := s.save(noise(1000, 1), "Characters", "one.bin")
	s.imported(d, sum)
	s.settled(d)
	said := d.output()
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"history", "--json"}, {"why", s.path("Characters", "one.bin"), "--json"}} {
		out, _ := s.command(args...)
		said += out
	}
	for _, secret := range []string{"canary", "X-Amz-", "signature="} {
		if strings.Contains(said, secret) {
			t.Errorf("%q is in what was said:\n%s", secret, said)
		}
	}
	s.exactlyOnce(sum) // the stand-in tells of credentials at its storage
}

// One daemon works on a ledger, and one ledger belongs to a config, whoever asks.
func TestInvariant7OneDaemonPerLedger(t *testing.T) {
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": quick})
	d := s.start()
	s.imported(d, s.save(noise(1000, 1), "Characters", "one.bin"))
	for _, args := range [][]string{{"run"}, {"once"}} {
		if out, code := s.command(args...); code == 0 || !strings.Contains(out, fmt.Sprintf("process %d", d.pid())) {
			t.Errorf("%v beside the daemon ended with %d:\n%s", args, code, out)
		}
	}
	var there struct {
		PID int `json:"pid"`
	}
	out, _ := s.command("status", "--json")
	if err := json.Unmarshal([]byte(out), &there); err != nil || there.PID != d.pid() {
		t.Errorf("status tells of process %d, not %d (%v)", there.PID, d.pid(), err)
	}
}

// No save, rename or delete of the artist's program fails or waits because of us: on a slow
// line, with the server gone, and while it is paused.
func TestInvariant8ArtistIsNotDisturbed(t *testing.T) {
	for _, c := range []struct {
		name    string
		trouble standin.Fault
		pause   bool
	}{
		{name: "slow", trouble: standin.Fault{Op: standin.OpPart, Do: standin.DoDelay, Delay: 500 * time.Millisecond, Times: -1}},
		{name: "server gone", trouble: standin.Fault{Do: standin.DoDrop, Times: -1}},
		{name: "paused", trouble: standin.Fault{Op: standin.OpPart, Do: standin.DoDelay, Delay: time.Millisecond}, pause: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStudio(t, standin.Options{})
			s.configure("part_size = '5MiB'", map[string]string{"Characters": quick})
			d := s.start()
			s.imported(d, s.save(noise(1000, 0), "Characters", "first.bin"))
			s.server.Inject(c.trouble)
			if c.pause {
				if out, code := s.command("pause"); code != 0 {
					t.Fatalf("pause ended with %d:\n%s", code, out)
				}
			}
			path, temporary, aside := s.path("Characters", "scene.bin"), s.path("Characters", "scene.tmp"), s.path("Characters", "aside.bin")
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Error(err)
				}
			}
			var last []byte
			for n := range uint64(20) {
				last = noise(partSize+int(n), n+1)
				must(os.WriteFile(path, last[:partSize], 0o644)) // in place
				must(os.WriteFile(temporary, last, 0o644))
				must(os.Rename(temporary, path)) // by a temporary file
				must(os.Rename(path, aside))
				must(os.Remove(aside))
				must(os.WriteFile(path, last, 0o644))
				time.Sleep(20 * time.Millisecond)
			}
			s.server.ClearFaults()
			if c.pause {
				if out, code := s.command("resume"); code != 0 {
					t.Fatalf("resume ended with %d:\n%s", code, out)
				}
			}
			sum := sha256.Sum256(last)
			s.imported(d, hex.EncodeToString(sum[:]))
		})
	}
}

// One file's, folder's or kind's trouble never stops another's.
func TestInvariant9OneTroubleStopsNobodyElse(t *testing.T) {
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": quick, "Away": quick, "Wrong": quick + "collection_ids = ['collection_deleted']"})
	if err := os.Remove(s.path("Away")); err != nil {
		t.Fatal(err)
	}
	d := s.start()
	wrong := s.save(noise(1000, 1), "Wrong", "wrong.bin")
	complete := drawing(t, 64)
	s.save(complete[:len(complete)-20], "Characters", "cut.png")
	sums := []string{s.save(noise(1000, 2), "Characters", "one.bin"), s.save(noise(1000, 3), "Characters", "two.bin")}
	s.imported(d, sums...)
	s.exactlyOnce(sums...)
	// The folder that was away goes on as it comes, without anybody's help.
	late := noise(1000, 4)
	sums = append(sums, s.save(late, "Away", "late.bin"))
	s.imported(d, sums...)
	if len(s.server.Account().BySHA256()[wrong]) != 0 {
		t.Error("a file went without its collection")
	}
}

// Nothing is silent: what is ignored, held, waiting or failed is counted where people look,
// and stays there over a restart until it is dealt with.
func TestInvariant10NothingIsSilent(t *testing.T) {
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": quick + "exclude = ['*.wip']"})
	complete := drawing(t, 64)
	s.save(complete[:len(complete)-20], "Characters", "cut.png")
	s.save(complete, "Characters", "later.wip")
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 422})
	s.save(noise(1000, 1), "Characters", "refused.bin")
	type report struct {
		Counts  map[string]int `json:"counts"`
		Folders []struct {
			Ignored struct {
				Count int `json:"count"`
			} `json:"ignored"`
		} `json:"folders"`
	}
	for round := range 2 {
		d := s.start()
		var r report
		until(t, "all three are told of", func() bool {
			out, _ := s.command("status", "--json")
			r = report{}
			if err := json.NewDecoder(bytes.NewReader([]byte(out))).Decode(&r); err != nil {
				return false
			}
			ignored := 0
			for _, f := range r.Folders {
				ignored += f.Ignored.Count
			}
			return r.Counts["held"] == 1 && r.Counts["failed"] == 1 && ignored == 1
		}, func() string { return fmt.Sprintf("in start %d status says %+v\n%s", round+1, r, d.output()) })
		d.kill()
	}
	if out, code := s.command("once"); code != 3 || !strings.Contains(out, "cut.png") || !strings.Contains(out, "refused.bin") {
		t.Errorf("once ended with %d:\n%s", code, out)
	}
}
