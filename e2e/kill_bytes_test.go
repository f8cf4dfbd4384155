package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"scenario-drop/standin"
)

// resent is one large file, and the instant at which the daemon that sends it is killed.
type resent struct {
	op, when    string
	part        int // of OpPart
	parts       int // of the file
	connections int
}

func (r resent) String() string {
	return fmt.Sprintf("%s %s %d of %d, %d connections", r.when, r.op, r.part, r.parts, r.connections)
}

// Parts that storage acknowledged are not sent again after a kill: with one kill, at
// most a tenth more than the file goes over the line. What is in flight when the daemon
// is killed cannot be saved; that is one part on each connection.
func TestPartsAreNotSentAgain(t *testing.T) {
	var all []resent
	for _, when := range []string{standin.Before, standin.Middle, standin.After} {
		for _, part := range []int{1, 6, 11} {
			all = append(all, resent{standin.OpPart, when, part, 11, 1})
		}
		all = append(all, resent{standin.OpComplete, when, 0, 11, 1}, resent{standin.OpGet, when, 0, 11, 1})
	}
	all = append(all, resent{standin.OpPart, standin.Middle, 11, 22, 2})
	together(t, 4, all, sentOnce)
}

func sentOnce(t *testing.T, r resent) {
	s := newStudio(t, standin.Options{Discard: true, Behavior: standin.Behavior{OpaqueETag: true}})
	s.configure(fmt.Sprintf("part_size = '5MiB'\nconnections = %d", r.connections),
		map[string]string{"Video": "kind = 'video'\nother_kinds = 'send'\nsettle = '0s'"})
	// Parts that differ, and a last one that is short.
	data := bytes.Repeat(noise(4096, 1), r.parts*partSize/4096)
	data = data[:len(data)-1000]
	for n := range r.parts {
		copy(data[n*partSize:], fmt.Sprintf("part %d", n+1))
	}
	first := s.start()
	s.server.Inject(standin.Fault{Op: r.op, When: r.when, Part: r.part, Do: standin.DoCall, Call: first.signalKill})
	s.save(data, "Video", "shot.bin")
	until(t, "the daemon is killed", first.dead, func() string { return "it lives:\n" + first.output() })
	again := s.start()
	s.took(again, 1)

	account := s.server.Account()
	if len(account.Uploads) != 1 || len(account.Assets) != 1 || account.Fired != 1 {
		t.Fatalf("there are %d uploads and %d assets; %d faults", len(account.Uploads), len(account.Assets), account.Fired)
	}
	for i, p := range account.Uploads[0].Parts {
		sum := sha256.Sum256(data[i*partSize : min((i+1)*partSize, len(data))])
		if p.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("part %d is not what the file has there", p.Number)
		}
	}
	ratio := float64(account.Received) / float64(len(data))
	t.Logf("%.3f of the file's size was received", ratio)
	if len(account.Uploads[0].Parts) != r.parts || ratio > 1.1 {
		t.Errorf("%d of %d parts; %d bytes were received for a file of %d", len(account.Uploads[0].Parts), r.parts, account.Received, len(data))
	}
}
