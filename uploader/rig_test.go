package uploader

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/transfer"
)

// rig is an uploader with a Scenario in memory and a ledger on the RAM disk, if there is one. Time is
// virtual.
type rig struct {
	*testing.T
	*fakescenario.Scenario
	u       *Uploader
	l       *ledger.Ledger
	dir     string // the watch folder
	rule    Rule
	log     *logtest.Buffer
	recheck []string
	made    int // files so far
}

// setup is what a rig is to be like. The zero value: a folder of images that stay, and the friendliest
// Scenario.
type setup struct {
	fake    fakescenario.Options
	rule    func(*Rule)
	options func(*Options)
	alone   bool // nothing runs beside it: it changes the environment
}

// template is an empty ledger, since making one takes ten times as long as copying it.
var template = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp(ram(), "ledger"); err != nil {
		return "", err
	}
	l, err := ledger.Open(context.Background(), filepath.Join(dir, "ledger.db"), nil)
	if err != nil {
		return "", err
	}
	return dir, l.Close()
})

// ram is a directory on a RAM disk; "" where there is none.
func ram() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// run runs a test with a rig, in virtual time.
func run(t *testing.T, s setup, test func(*rig)) {
	t.Helper()
	if !s.alone {
		t.Parallel()
	}
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.MkdirTemp(ram(), "rig")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(data); err != nil {
			t.Error(err)
		}
	})
	if err := os.CopyFS(data, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, Scenario: fakescenario.New(s.fake), dir: dir, rule: Rule{Root: dir, Kind: "image"}, log: &logtest.Buffer{}}
		r.l = must[*ledger.Ledger](r)(ledger.Open(t.Context(), filepath.Join(data, "ledger.db"), nil))
		defer func() { r.must(r.l.Close()) }()
		if s.rule != nil {
			s.rule(&r.rule)
		}
		r.start(s.options)
		test(r)
	})
}

const scope = "host#project"

// start makes the uploader, as after a restart.
func (r *rig) start(edit func(*Options)) {
	o := Options{Ledger: r.l, API: r.Scenario, Storage: r.Scenario, Scope: scope, Settings: Settings{Rules: map[string]Rule{r.dir: r.rule}},
		Recheck: func(_, path string) { r.recheck = append(r.recheck, filepath.Base(path)) },
		Log:     slog.New(slog.NewTextHandler(r.log, nil))}
	if edit != nil {
		edit(&o)
	}
	r.u = New(o)
}

// edit changes the folder's rule, as an edit of the config does.
func (r *rig) edit(change func(*Rule)) {
	change(&r.rule)
	r.u.SetSettings(Settings{Rules: map[string]Rule{r.dir: r.rule}})
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func must[T any](r *rig) func(v T, err error) T {
	return func(v T, err error) T {
		r.Helper()
		r.must(err)
		return v
	}
}

// png is a picture of so many bytes that no other file of the test has.
func (r *rig) png(size int) []byte {
	r.made++
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), noise(size, uint64(r.made))...)
	return b[:size]
}

// small is the size of a file of one part that is hashed before it is sent; medium of one that is
// hashed on the way; large of one of two parts.
const (
	small  = 1000
	medium = 200 << 10
	large  = transfer.DefaultPartSize + 1000
)

// save writes a file and has it admitted.
func (r *rig) save(name string, content []byte) ledger.Item {
	r.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	r.must(os.MkdirAll(filepath.Dir(path), 0o755))
	r.must(os.WriteFile(path, content, 0o644))
	return r.readmit(name)
}

// readmit has a file that is there admitted.
func (r *rig) readmit(name string) ledger.Item {
	r.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	fp, _, err := file.Lstat(r.dir, path)
	r.must(err)
	must[int](r)(r.l.Admit(r.Context(), []ledger.Observation{{Root: r.dir, Path: path, Fingerprint: fp, State: drop.Queued}}))
	return must[ledger.Item](r)(r.l.Find(r.Context(), path))
}

// saved saves a new picture.
func (r *rig) saved(name string, size int) ledger.Item {
	r.Helper()
	return r.save(name, r.png(size))
}

func (r *rig) item(id int64) ledger.Item {
	r.Helper()
	return must[ledger.Item](r)(r.l.Item(r.Context(), id))
}

// claim takes up what is due.
func (r *rig) claim() []ledger.Item {
	r.Helper()
	return must[[]ledger.Item](r)(r.l.Claim(r.Context(), ledger.Claim{Owner: r.u.owner, Until: r.u.now().Add(leaseTime), MaxSize: 1 << 62, NoBody: true, Limit: 100}))
}

// work takes up what is due, and works on each as far as it goes, one after the other.
func (r *rig) work() {
	r.Helper()
	r.workOn(r.Context())
}

func (r *rig) workOn(ctx context.Context) {
	r.Helper()
	for _, it := range r.claim() {
		r.u.work(ctx, it, func() {})
	}
}

// worked saves a new file and works on it once.
func (r *rig) worked(name string, size int) ledger.Item {
	r.Helper()
	id := r.saved(name, size).ID
	r.work()
	return r.item(id)
}

// follow checks an import once.
func (r *rig) follow(it ledger.Item) error {
	r.Helper()
	return r.u.follower.check(r.Context(), make(chan struct{}, 1), r.item(it.ID))
}

// stands checks how an item stands.
func (r *rig) stands(it ledger.Item, state drop.State, reason drop.Reason) ledger.Item {
	r.Helper()
	it = r.item(it.ID)
	if it.State != state || it.Reason != reason {
		r.Errorf("item %d is %s for %q (%v), want %s for %q\n%s", it.ID, it.State, it.Reason, it.Detail, state, reason, r.log)
	}
	return it
}

// due checks when an item is due, from now on.
func (r *rig) due(it ledger.Item, want time.Duration) {
	r.Helper()
	got := time.Duration(0)
	if it = r.item(it.ID); !it.NotBefore.IsZero() {
		got = it.NotBefore.Sub(r.u.now())
	}
	if got < want-2*time.Millisecond || got > want {
		r.Errorf("item %d is due in %v, want %v", it.ID, got, want)
	}
}

// asset checks that Scenario holds the bytes exactly once, as the asset of the item.
func (r *rig) asset(it ledger.Item, content []byte) scenario.Asset {
	r.Helper()
	it = r.item(it.ID)
	assets, all, _ := r.Held()
	var found []scenario.Asset
	for i, b := range all {
		if slices.Equal(b, content) {
			found = append(found, assets[i])
		}
	}
	if len(found) != 1 || found[0].ID != it.Asset {
		r.Fatalf("Scenario holds the bytes of item %d as %+v, want as %q once", it.ID, found, it.Asset)
	}
	return found[0]
}

// collection makes a collection at Scenario.
func (r *rig) collection(name string) string {
	r.Helper()
	return must[*scenario.Collection](r)(r.CreateCollection(r.Context(), name)).ID
}

// running runs the uploader for some time.
func (r *rig) running(d time.Duration) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), d)
	defer cancel()
	r.must(r.u.Run(ctx))
}

// later runs the uploader for a moment, when some time has passed.
func (r *rig) later(d time.Duration) {
	r.Helper()
	time.Sleep(d)
	r.running(5 * time.Second)
}
