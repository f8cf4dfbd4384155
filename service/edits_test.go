package service

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/ledger"
	"scenario-drop/standin"
	"scenario-drop/status"
)

func TestDiff(t *testing.T) {
	base := func() *config.Config {
		c := config.Default()
		c.DataDir = "/data"
		for i, path := range []string{"/art", "/props"} {
			w := config.DefaultWatch(path)
			w.Line = i + 1
			c.Watches = append(c.Watches, w)
		}
		return c
	}
	for name, test := range map[string]struct {
		edit func(*config.Config)
		want changes
	}{
		"nothing":                   {func(*config.Config) {}, changes{}},
		"a comment above":           {func(c *config.Config) { c.Watches[0].Line, c.Watches[1].Line = 7, 9 }, changes{}},
		"the key, another place":    {func(c *config.Config) { c.Scenario.Credentials.Source = "keychain" }, changes{}},
		"a warning":                 {func(c *config.Config) { c.Warnings = []config.Problem{{}} }, changes{}},
		"the key":                   {func(c *config.Config) { c.Scenario.Credentials.Key = "other" }, changes{account: true}},
		"the project":               {func(c *config.Config) { c.Scenario.ProjectID = "other" }, changes{account: true}},
		"the bandwidth":             {func(c *config.Config) { c.Upload.Bandwidth = config.Constant(config.Limit{Rate: 1000}) }, changes{settings: true}},
		"connections":               {func(c *config.Config) { c.Upload.Connections = 3 }, changes{settings: true}},
		"a collection":              {func(c *config.Config) { c.Watches[0].Collections = []string{"Orcs"} }, changes{settings: true}},
		"after_upload":              {func(c *config.Config) { c.Watches[0].AfterUpload = "trash" }, changes{settings: true, folders: true}},
		"a pattern":                 {func(c *config.Config) { c.Watches[0].Include = []string{"*.png"} }, changes{settings: true, folders: true}},
		"a folder more":             {func(c *config.Config) { c.Watches = append(c.Watches, config.DefaultWatch("/new")) }, changes{settings: true, folders: true}},
		"a folder less":             {func(c *config.Config) { c.Watches = c.Watches[:1] }, changes{settings: true, folders: true}},
		"version_interval":          {func(c *config.Config) { c.Watches[1].VersionInterval = time.Minute }, changes{settings: true}},
		"max_size":                  {func(c *config.Config) { c.Watches[1].MaxSize = 10 }, changes{settings: true, rescan: []string{"/props"}}},
		"the level of the log":      {func(c *config.Config) { c.Log.Level = slog.LevelDebug }, changes{level: true}},
		"what needs another start":  {func(c *config.Config) { c.DataDir, c.Log.Format = "/other", "json" }, changes{later: []string{"data_dir", "format of [log]"}}},
		"the address of the status": {func(c *config.Config) { c.Status.Listen = "" }, changes{page: true, later: []string{"listen under [status]"}}},
		"hosts of the status page":  {func(c *config.Config) { c.Status.Page.Hosts = []string{"a.example"} }, changes{page: true}},
	} {
		edited := base()
		test.edit(edited)
		if got := diff(base(), edited); fmt.Sprint(got) != fmt.Sprint(test.want) || got.any() != test.want.any() {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// A folder whose files are moved within it concerns no other folder.
func TestMoveToConcernsItsFolderAlone(t *testing.T) {
	c := config.Default()
	c.Watches = []config.Watch{config.DefaultWatch(filepath.FromSlash("/art")), config.DefaultWatch(filepath.FromSlash("/props"))}
	before := Folders(c, nil)
	c.Watches[1].AfterUpload = "move"
	after := Folders(c, nil)
	if len(after[0].Skip) != len(before[0].Skip) || len(after[1].Skip) != 1 {
		t.Errorf("%v, %v", after[0].Skip, after[1].Skip)
	}
}

// editing is a daemon whose config is a file that a test edits.
type editing struct {
	*studio
	file string
	log  *logtest.Buffer
	d    *Daemon
}

// newEditing runs a daemon by a config with these keys and folders.
func newEditing(t *testing.T, o standin.Options, keys string, folders ...string) *editing {
	s := &editing{studio: newStudio(t, o), log: &logtest.Buffer{}}
	s.file = s.path("config.toml")
	s.logger = slog.New(slog.NewTextHandler(s.log, nil))
	s.write("", keys, folders...)
	s.load()
	s.d, _ = s.run()
	return s
}

// load makes the file the config that the next daemon starts with.
func (s *editing) load() {
	s.t.Helper()
	var err error
	if s.config, err = config.Load(s.file); err != nil {
		s.t.Fatal(err)
	}
}

// write makes the folders, and writes the config; a folder may have keys after a line break.
func (s *editing) write(comment, keys string, folders ...string) {
	s.t.Helper()
	for _, f := range folders {
		name, _, _ := strings.Cut(f, "\n")
		if err := os.MkdirAll(s.path(name), 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	s.writeOnly(comment, keys, folders...)
}

// writeOnly is write without the folders.
func (s *editing) writeOnly(comment, keys string, folders ...string) {
	s.t.Helper()
	text := comment + "data_dir = '" + s.path("data") + "'\n" + keys + "\n[scenario]\nbase_url = '" + s.server.BaseURL() + "'\napi_key = '" + s.server.Key() +
		"'\napi_secret = '" + s.server.Secret() + "'\n[status]\nlisten = 'off'\n"
	for _, f := range folders {
		name, rest, _ := strings.Cut(f, "\n")
		text += "[[watch]]\npath = '" + s.path(name) + "'\nkind = 'image'\nsettle = '0s'\nversion_interval = '0s'\n" + rest + "\n"
	}
	if err := os.WriteFile(s.file+"~", []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.file+"~", s.file); err != nil {
		s.t.Fatal(err)
	}
}

// edit is write, and waits until the daemon says how it took it, in these words.
func (s *editing) edit(says, comment, keys string, folders ...string) {
	s.t.Helper()
	before := strings.Count(s.log.String(), says)
	s.write(comment, keys, folders...)
	s.until("the edit is told of: "+says, func() bool { return strings.Count(s.log.String(), says) > before }, s.log.String)
}

func (s *editing) snapshot() status.Snapshot {
	s.t.Helper()
	snapshot, err := s.d.Snapshot(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return snapshot
}

// scanned waits until a folder was scanned, and returns when.
func (s *editing) scanned(folder string) (at time.Time) {
	s.t.Helper()
	s.until(folder+" is scanned", func() bool {
		for _, f := range s.snapshot().Folders {
			if f.Path == s.path(folder) && f.LastScan != nil {
				at = *f.LastScan
				return true
			}
		}
		return false
	}, s.log.String)
	return at
}

const (
	inForce = "the edited config is in force"
	asItWas = "it means what it meant before"
)

// While a part is on a slow line the config is edited again and again. The part goes on, is
// sent once, and the counters stay; other folders are not scanned again.
func TestEditsLeaveWhatTheyDoNotChange(t *testing.T) {
	const slow, slower = "upload.bandwidth = '120kB/s'\nupload.part_size = '5MiB'", "upload.bandwidth = '100kB/s'\nupload.part_size = '5MiB'\nupload.connections = 2\nupload.files_at_once = 1"
	s := newEditing(t, standin.Options{}, slow, "Characters")
	scan := s.scanned("Characters")
	large := noise(partSize+1000, 1)
	sums := []string{s.save(large, "Characters", "large.png")}
	var transfer status.Transfer
	s.until("a part is on its way", func() bool {
		for _, transfer = range s.snapshot().Transfers {
			return transfer.Sent > 0
		}
		return false
	}, s.log.String)
	sent := s.snapshot().BytesSent

	s.edit(asItWas, "# a comment\n\n", slow, "Characters")
	s.edit(inForce, "", slow, "Characters", "Props")
	s.edit(inForce, "", slower, "Characters", "Props")
	s.edit(inForce, "", slower, "Characters\ncollections = ['Orcs']\nhide = true", "Props")
	s.scanned("Props")
	if again := s.scanned("Characters"); again != scan {
		t.Errorf("Characters was scanned at %v and at %v", scan, again)
	}
	s.edit(inForce, "", slower, "Characters\ncollections = ['Orcs']\nmax_size = '1GB'", "Props")
	now := s.snapshot()
	if now.BytesSent < sent {
		t.Errorf("%d bytes sent, and %d before the edits", now.BytesSent, sent)
	}
	if len(now.Transfers) != 1 || now.Transfers[0].Started != transfer.Started || now.Transfers[0].Sent < transfer.Sent {
		t.Errorf("on its way: %+v, before the edits %+v", now.Transfers, transfer)
	}
	if it, err := s.item("Characters", "large.png"); err != nil || it.State != drop.Uploading {
		t.Errorf("the part's file is %s (%v): the test is too slow", it.State, err)
	}
	s.edit(inForce, "", "", "Characters\ncollections = ['Orcs']\nmax_size = '1GB'") // the limit goes, and a folder
	s.await(drop.Imported, "Characters", "large.png")
	one := s.exactlyOnce(sums...)
	if a := one[sums[0]]; len(a.Collections) != 1 {
		t.Errorf("its collections are %v, want the one named while it was sent", a.Collections)
	}
	account := s.server.Account()
	if account.Received != int64(len(large)) || len(account.Uploads) != 1 || account.Requests[standin.OpPart] != 2 {
		t.Errorf("%d bytes of %d, %d uploads, %d parts of 2", account.Received, len(large), len(account.Uploads), account.Requests[standin.OpPart])
	}
	if strings.Contains(s.log.String(), "level=ERROR") || strings.Contains(s.log.String(), "level=WARN") {
		t.Error(s.log.String())
	}
}

// A folder that is new, or whose own rules changed, is scanned; the others are not. One that
// is no longer there is not watched.
func TestEditsScanOnlyWhatChanged(t *testing.T) {
	s := newEditing(t, standin.Options{}, "", "A", "B")
	a, b := s.scanned("A"), s.scanned("B")
	c := s.save(noise(1000, 1), "C", "here before.png")
	s.edit(inForce, "", "", "A", "B", "C")
	s.await(drop.Imported, "C", "here before.png")

	s.save(noise(1000, 2), "B", "sketch.tga")
	other := s.save(noise(1000, 3), "B", "final.png")
	s.await(drop.Imported, "B", "sketch.tga")
	s.await(drop.Imported, "B", "final.png")
	s.edit(inForce, "", "", "A", "B\nexclude = ['*.tga']", "C")
	s.until("B is scanned again", func() bool { return s.scanned("B").After(b) }, s.log.String)
	s.edit(inForce, "", "", "C", "A", "B\nexclude = ['*.tga']") // in another order
	s.save(noise(1000, 4), "B", "other.tga")
	last := s.save(noise(1000, 5), "B", "last.png")
	s.await(drop.Imported, "B", "last.png")

	s.edit(inForce, "", "", "A", "B\nexclude = ['*.tga']")
	s.save(noise(1000, 6), "C", "not any more.png")
	end := s.save(noise(1000, 7), "A", "end.png")
	s.await(drop.Imported, "A", "end.png")
	if got := s.scanned("A"); got != a {
		t.Errorf("A was scanned at %v and at %v", a, got)
	}
	if folders := s.snapshot().Folders; len(folders) != 2 {
		t.Errorf("%+v", folders)
	}
	held := s.server.Account().BySHA256()
	for _, sum := range []string{c, other, last, end} {
		if len(held[sum]) != 1 {
			t.Errorf("%s is %d assets", sum[:12], len(held[sum]))
		}
	}
	if len(held) != 5 { // and the sketch of before
		t.Errorf("Scenario holds %d contents, want 5", len(held))
	}
}

// A folder that is removed while its file is being sent is not sent on: no asset comes of it,
// until the folder is there again.
func TestEditThatRemovesAFolderEndsItsUploads(t *testing.T) {
	const slow, fast = "upload.bandwidth = '120kB/s'\nupload.part_size = '5MiB'", "upload.part_size = '5MiB'"
	s := newEditing(t, standin.Options{}, slow, "A", "B")
	large := s.save(noise(partSize+1000, 1), "B", "large.png")
	s.until("a part is being sent", func() bool {
		return slices.ContainsFunc(s.snapshot().Transfers, func(t status.Transfer) bool { return t.Sent > 0 })
	}, s.log.String)
	s.edit(inForce, "", fast, "A")
	if it := s.await(drop.Ignored, "B", "large.png"); it.Reason != drop.ReasonUnwatched {
		t.Errorf("%+v", it)
	}
	if held := s.server.Account().BySHA256(); len(held) != 0 {
		t.Errorf("Scenario holds %d contents of a folder that is not in the config", len(held))
	}
	s.edit(inForce, "", fast, "A", "B")
	s.await(drop.Imported, "B", "large.png")
	if n := len(s.server.Account().BySHA256()[large]); n != 1 {
		t.Errorf("%d assets, want 1", n)
	}
}

// A file that is named to retry has its own folder scanned, and no other.
func TestRetryOfAPathScansItsFolderAlone(t *testing.T) {
	s := newEditing(t, standin.Options{}, "", "A", "B", "B/inner")
	a, b, inner := s.scanned("A"), s.scanned("B"), s.scanned("B/inner")
	s.save(noise(1000, 1), "B", "inner", "deep", "x.png")
	s.await(drop.Imported, "B", "inner", "deep", "x.png")
	if _, err := s.d.Retry(t.Context(), []string{s.path("B", "inner", "deep", "x.png"), s.path("elsewhere", "y.png")}); err != nil {
		t.Fatal(err)
	}
	s.until("its folder is scanned", func() bool { return s.scanned("B/inner").After(inner) }, s.log.String)
	if s.scanned("A") != a || s.scanned("B") != b {
		t.Error("another folder was scanned, too")
	}
	if _, err := s.d.Retry(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s.until("all folders are scanned", func() bool { return s.scanned("A").After(a) && s.scanned("B").After(b) }, s.log.String)
}

// Another key has another client for Scenario, and what is half sent goes on with it, without
// a part sent twice that has its receipt; folders are not scanned again, a pause stays.
func TestEditOfTheKeyLosesNothing(t *testing.T) {
	s := newEditing(t, standin.Options{Key: "first-key", Secret: "first-secret"}, "upload.part_size = '5MiB'\nupload.connections = 1", "Characters")
	scan := s.scanned("Characters")
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 2, When: standin.Middle, Do: standin.DoStall})
	data := noise(3*partSize, 1)
	sum := s.save(data, "Characters", "large.png")
	s.until("the second part is on its way", func() bool { return s.server.Account().Fired == 1 }, s.log.String)
	sent := s.snapshot().BytesSent
	if err := s.d.Pause(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "[scenario]\n", "[scenario]\nproject_id = 'proj_two'\n", 1))
	if err := os.WriteFile(s.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.until("the edit is in force", func() bool { return strings.Contains(s.log.String(), inForce) }, s.log.String)
	if now := s.snapshot(); !now.Paused || now.BytesSent < sent {
		t.Errorf("paused %v, %d bytes sent, before the edit %d", now.Paused, now.BytesSent, sent)
	}
	if err := s.d.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.await(drop.Imported, "Characters", "large.png")
	if got := s.scanned("Characters"); got != scan {
		t.Error("the folder was scanned again")
	}
	s.exactlyOnce(sum)
}

// Several edits of the account may come while the uploader before them is ending. The one of the
// latest edit then begins once: it is not taken for one that is to be replaced itself.
func TestEditsOfTheKeyInARowBeginOneUploader(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	noError(t, os.MkdirAll(s.config.DataDir, 0o700))
	l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
	noError(t, err)
	defer l.Close()
	e, err := newEngine(s.config, l, s.log())
	noError(t, err)
	defer e.close()
	for range 2 {
		var n newClient
		n.uploader, n.api, n.storage, err = e.newUploader(s.config)
		noError(t, err)
		e.replaceUploader(n)
	}
	if u, _, _ := e.newest(); u != e.sender() {
		t.Error("it is not the latest")
	}
	select {
	case <-e.other:
		t.Error("the latest is to be replaced by itself")
	default:
	}
}

// A key that was refused and is corrected in the config sends what waits, without a restart.
func TestEditOfARefusedKey(t *testing.T) {
	s := &editing{studio: newStudio(t, standin.Options{}), log: &logtest.Buffer{}}
	s.file = s.path("config.toml")
	s.logger = slog.New(slog.NewTextHandler(s.log, nil))
	s.write("", "", "Characters")
	text, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	good := "api_secret = '" + s.server.Secret() + "'"
	if err := os.WriteFile(s.file, []byte(strings.Replace(string(text), good, "api_secret = 'mistyped'", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.load()
	s.d, _ = s.run()
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	s.until("the key is refused", func() bool { return s.snapshot().Trouble != "" }, s.log.String)
	s.edit(inForce, "", "", "Characters")
	s.await(drop.Imported, "Characters", "a.png")
	s.until("nothing is wrong any more", func() bool { return s.snapshot().Trouble == "" }, s.log.String)
	s.exactlyOnce(sum)
}

// A daemon keeps the data directory that an edit names: nobody begins a second ledger there, and
// whoever asks finds the daemon.
func TestEditOfTheDataDirIsNoSecondLedger(t *testing.T) {
	s := newEditing(t, standin.Options{}, "", "Characters")
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	s.await(drop.Imported, "Characters", "a.png")
	own, other := s.path("data"), s.path("other data")
	text, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(dir string) {
		t.Helper()
		before := strings.Count(s.log.String(), inForce)
		if err := os.WriteFile(s.file, []byte(strings.Replace(string(text), own, dir, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		s.until("the edit is in force", func() bool { return strings.Count(s.log.String(), inForce) > before }, s.log.String)
	}
	edit(other)
	if dir, moved := WorkingDir(other); dir != own || !moved {
		t.Errorf("%q, %v", dir, moved)
	}
	edited, err := config.Load(s.file)
	if err != nil || edited.DataDir != other {
		t.Fatal(edited, err)
	}
	var locked *LockedError
	if _, err := Once(t.Context(), edited, s.logger, nil, nil); !errors.As(err, &locked) {
		t.Errorf("a pass by the edited config: %v", err)
	}
	c, err := Dial(other)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := c.Snapshot(t.Context()); err != nil || !now.Running {
		t.Errorf("%+v, %v", now, err)
	}
	edit(own)
	if dir, moved := WorkingDir(other); moved {
		t.Errorf("%q is kept still", dir)
	}
	s.exactlyOnce(sum)
}
