package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/standin"
)

// expectedKinds are the kind and MIME type that a folder of kind "auto" gives to the
// inputs named kind_*.
var expectedKinds = map[string][2]string{
	"kind_svg_comment.svg":       {"image", "image/svg+xml"},
	"kind_canon.cr3":             {"asset", "image/x-canon-cr3"},
	"kind_raw_tga.tga":           {"asset", "image/x-tga"},
	"kind_gltf_indices.bin":      {"asset", "application/octet-stream"},
	"kind_html_first.md":         {"text", "text/markdown"},
	"kind_usda.usda":             {"asset", "model/vnd.usda"},
	"hold_no_eos.ogg":            {"audio", "audio/ogg"},
	"hold_zbrush.obj":            {"3d", "model/obj"},
	"hold_zbrush_small_head.obj": {"3d", "model/obj"},
	"hold_wide.txt":              {"text", "text/plain"},
	"hold_gif89a.txt":            {"text", "text/plain"},
	"hold_utf16.json":            {"text", "application/json"},
}

// TestFormatCases has the program watch a folder of files in structures that real programs
// write, made by a script beside the repository: what is whole is imported, as what it is,
// and what is cut off is held.
func TestFormatCases(t *testing.T) {
	script := os.Getenv("SCENARIO_DROP_FORMAT_CASES")
	if script == "" {
		t.Skip("SCENARIO_DROP_FORMAT_CASES does not name the script that makes the files")
	}
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"in": "kind = 'auto'"})
	if out, err := exec.CommandContext(t.Context(), "python3", script, s.path("in")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	entries, err := os.ReadDir(s.path("in"))
	if err != nil || len(entries) < 20 {
		t.Fatalf("%d files: %v", len(entries), err)
	}
	d := s.start()
	s.took(d, len(entries))
	d.kill()

	type row struct{ Path, State, Sentence string }
	var history struct{ Files []row }
	out, _ := s.command("history", "--json", "--limit", "1000")
	if err := json.Unmarshal([]byte(out), &history); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	byName := map[string]row{}
	for _, r := range history.Files {
		byName[filepath.Base(r.Path)] = r
	}
	sent := map[string]standin.Entity{}
	for _, e := range s.server.Account().Assets {
		sent[e.Name] = e
	}
	for _, e := range entries {
		name := e.Name()
		want := "imported"
		if strings.HasPrefix(name, "pass_") {
			want = "held"
		}
		if r := byName[name]; r.State != want {
			t.Errorf("%s is %q, want %q: %s", name, r.State, want, r.Sentence)
		}
		if want, ok := expectedKinds[name]; ok && want != [2]string{sent[name].Kind, sent[name].MIME} {
			t.Errorf("%s is %s, %s; want %v", name, sent[name].Kind, sent[name].MIME, want)
		}
	}
}
