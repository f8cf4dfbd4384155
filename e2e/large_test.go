package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"testing"

	"scenario-drop/standin"
)

// mostMemory is what the program may have, with as many connections as it ever uses.
const mostMemory = 64 << 20

// A file of 5 GiB goes through `once` whole, in less than 64 MiB of memory.
func TestLargeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("5 GiB take some ten seconds")
	}
	sendLarge(t, 5<<30)
}

func sendLarge(t *testing.T, size int64) {
	s := newStudio(t, standin.Options{Discard: true, Behavior: standin.Behavior{OpaqueETag: true}})
	s.configure("connections = 64", map[string]string{"Video": "kind = 'video'\nother_kinds = 'send'\nsettle = '0s'"})
	f, err := os.Create(s.path("Video", "shot.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at := int64(0); at < size; at += 37 << 20 { // the rest is holes
		if _, err := f.WriteAt(noise(4096, uint64(at>>20)), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	once := exec.CommandContext(t.Context(), binary, "once", "--config", s.path("config.toml"))
	out, peak, err := runWatched(once)
	if err != nil {
		t.Fatalf("once: %v\n%s", err, out)
	}
	account := s.server.Account()
	if len(account.Uploads) != 1 || account.Uploads[0].Status != "imported" || account.Received != size {
		t.Fatalf("the upload is %+v, %d bytes received", account.Uploads[0].Status, account.Received)
	}
	in, err := os.Open(s.path("Video", "shot.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, p := range account.Uploads[0].Parts {
		sum := sha256.New()
		if _, err := io.CopyN(sum, in, p.Size); err != nil {
			t.Fatal(err)
		}
		if p.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
			t.Errorf("part %d is not what the file has there", p.Number)
		}
	}
	if peak == 0 {
		t.Skip("this system does not tell a process's peak memory")
	}
	t.Logf("peak memory %.1f MiB, user and system time %v and %v", peak/(1<<20), once.ProcessState.UserTime(), once.ProcessState.SystemTime())
	if peak > mostMemory {
		t.Errorf("peak memory was %.1f MiB, want at most %d", peak/(1<<20), mostMemory>>20)
	}
}
