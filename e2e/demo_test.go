package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/standin"
)

// The demo's account outlasts its end, even a sudden one: the same picture in another
// folder, after a restart, is the same asset, in both collections. What was moved into the
// folder stays there.
func TestDemoGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &studio{t: t, dir: dir}
	picture := picture(5000, 7)
	h := sha256.Sum256(picture)
	sum := hex.EncodeToString(h[:])
	demo := func(says string, more ...string) (d *daemon, out func() string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "out")
		stdout, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stdout.Close() })
		cmd := exec.Command(binary, append([]string{"demo", "--dir", dir}, more...)...)
		cmd.Stdout = stdout
		d = s.launch(cmd)
		out = func() string {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			}
			return string(text) + d.output()
		}
		until(t, "the demo says "+says, func() bool { return strings.Contains(out(), says) }, out)
		return d, out
	}
	d, out := demo("5 of 5 samples imported")
	first := filepath.Join(dir, "Drop", "Images", "orc.png")
	from := filepath.Join(dir, "orc.png")
	if err := os.WriteFile(from, picture, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, first); err != nil { // the only copy
		t.Fatal(err)
	}
	until(t, "the picture is imported", func() bool { return strings.Contains(out(), "orc.png: imported as") }, out)
	d.kill()

	d, out = demo("There is no new sample")
	second := filepath.Join(dir, "Drop", "again.png")
	if err := os.WriteFile(second, picture, 0o644); err != nil {
		t.Fatal(err)
	}
	until(t, "the copy is imported", func() bool { return strings.Contains(out(), "again.png: imported as") }, out)
	d.kill()

	for _, file := range []string{first, second} {
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, picture) {
			t.Errorf("%s is not what was put there: %v", file, err)
		}
	}
	server, err := standin.New(standin.Options{Dir: filepath.Join(dir, "standin"), Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	account := server.Account()
	assets := account.BySHA256()[sum]
	if len(assets) != 1 || len(assets[0].Collections) != 2 {
		t.Errorf("the picture is %+v", assets)
	}
	if n := len(account.Assets) + len(account.Models); n != 6 {
		t.Errorf("there are %d assets and models, want 6", n)
	}
}
