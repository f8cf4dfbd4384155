package watcher

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	texts "scenario-drop/status"
	"scenario-drop/watcher/completeness"
)

// photo is a whole PNG of some 400 KB whose picture is a single chunk, as many programs write it.
func photo(t *testing.T) []byte {
	t.Helper()
	const side = 640
	pixels := make([]byte, side*(1+side))
	rand.NewChaCha8([32]byte{7}).Read(pixels)
	for y := range side {
		pixels[y*(1+side)] = 0 // no filter
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, err := z.Write(pixels)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		kind string
		data []byte
	}{
		{"IHDR", []byte{0, 0, side >> 8, side & 0xFF, 0, 0, side >> 8, side & 0xFF, 8, 0, 0, 0, 0}},
		{"IDAT", packed.Bytes()},
		{"IEND", nil},
	} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(chunk.data)))
		begin := len(out)
		out = append(append(out, chunk.kind...), chunk.data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[begin:]))
	}
	return out
}

// needWriters skips where the system does not tell who has a file open.
func needWriters(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, ".lease")
	write(t, path, []byte("x"))
	defer os.Remove(path)
	r, _, err := file.Open(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if file.HasOther(r) == file.CannotTell {
		t.Skip("no leases on this filesystem")
	}
}

// A download in segments that was stopped, with no note beside it: of its full size, with its
// end, and with a hole. It is held as cut off, and ready once it is filled.
func TestDownloadWithAHoleIsHeld(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	start(t, tuned(t, sink, quick(dir)))
	data := photo(t)
	path := filepath.Join(dir, "hero.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(len(data))
	from, to := n/8, n-n/8
	if _, err = f.Write(data[:from]); err == nil {
		_, err = f.WriteAt(data[to:], to)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	holes := file.Holes(r, n, completeness.MinGap)
	r.Close()
	if len(holes) == 0 {
		t.Skip("this filesystem does not tell of holes")
	}
	eventually(t, "it is held", func() bool { return sink.reason(path) == drop.ReasonLooksCutOff })
	sink.mu.Lock()
	if detail := texts.Words(sink.held[path].Detail); !strings.Contains(detail, "middle") || sink.ready[path] > 0 {
		t.Errorf("ready %d times; %s", sink.ready[path], detail)
	}
	sink.mu.Unlock()
	if f, err = os.OpenFile(path, os.O_WRONLY, 0); err == nil {
		if _, err = f.WriteAt(data[from:to], from); err == nil {
			err = f.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready once it is filled", func() bool { return sink.isReady(path) })
}

// A program writes a picture, closes it, reads it for a while and writes it again with its
// metadata: only that one is ready. A program that reads on for ever is no reason to wait
// for ever.
func TestReadAgainBeforeItIsRewritten(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	needWriters(t, dir)
	w := tuned(t, sink, Folder{Path: dir, SettleAuto: true})
	start(t, w)
	path := filepath.Join(dir, "hero.png")
	write(t, path, drawing(t))
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	eventually(t, "it waits for the program that reads it", func() bool {
		a := awaitedNow(t, w, path)
		return a != nil && a.Reason == drop.ReasonBeingRead
	})
	if sink.isReady(path) {
		t.Fatal("ready while it was read")
	}
	final := photo(t)
	write(t, path, final)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready", func() bool { return sink.isReady(path) })
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if got := sink.known[dir]["hero.png"].Size; got != int64(len(final)) || sink.ready[path] != 1 {
		t.Errorf("ready %d times, with %d bytes; want once, with %d", sink.ready[path], got, len(final))
	}
}

// A document is saved and stays open in its program: whole by its format, and unchanged for
// twice the patience, it is ready. One that changes meanwhile is not.
func TestDocumentThatStaysOpen(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	needWriters(t, dir)
	start(t, tuned(t, sink, quick(dir)))
	path, busy := filepath.Join(dir, "page.png"), filepath.Join(dir, "busy.png")
	var open []*os.File
	for _, path := range []string{path, busy} {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.Write(drawing(t)); err != nil {
			t.Fatal(err)
		}
		open = append(open, f)
	}
	began := time.Now()
	eventually(t, "the one that is left alone is ready", func() bool {
		if _, err := open[1].WriteAt([]byte{0x89}, 0); err != nil {
			t.Fatal(err)
		}
		return sink.isReady(path)
	})
	if waited := time.Since(began); waited < 600*time.Millisecond-50*time.Millisecond {
		t.Errorf("ready after %v, while a program had it open", waited)
	}
	if sink.isReady(busy) {
		t.Error("the one that changes was ready")
	}
}
