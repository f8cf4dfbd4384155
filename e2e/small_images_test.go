package e2e

import (
	"fmt"
	"testing"
	"time"

	"scenario-drop/standin"
)

// directCase is the instant at which the program is killed on the direct way, and what it
// is to find out then with the answer to a request already lost.
type directCase struct {
	op, when string
	// The answer is lost first, so that the kill strikes while that is settled.
	lost bool
	// After it was killed it waits for as long as Scenario's list may lack the image.
	waits bool
}

func (c directCase) String() string {
	if c.lost {
		return fmt.Sprintf("%s %s, settling", c.when, c.op)
	}
	return fmt.Sprintf("%s %s", c.when, c.op)
}

func quickDirectCases() []directCase {
	all := []directCase{{op: standin.OpAssetUpload, when: standin.After}}
	for _, op := range []string{standin.OpAssets, standin.OpAsset, standin.OpDownload} {
		for _, when := range []string{standin.Before, standin.Middle, standin.After} {
			if op == standin.OpDownload && when != standin.Before {
				continue // its faults strike before
			}
			all = append(all, directCase{op: op, when: when, lost: true})
		}
	}
	return all
}

// The program is killed at every boundary of a small image's one request, and of those by
// which a lost answer is settled; after the next start the image is one asset. Where the
// kill came before the image was made, see the long form.
func TestKilledOnTheDirectWay(t *testing.T) { together(t, 8, quickDirectCases(), killedDirect) }

func killedDirect(t *testing.T, c directCase) {
	s := newStudio(t, standin.Options{})
	s.configure("small_images = 'direct'", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'\ncollections = ['Characters']"})
	first := s.start()
	sums := []string{s.save(picture(1000, 1), "Characters", "first.png")} // proves the direct way
	s.imported(first, sums...)
	s.took(first, 1)
	if c.lost {
		s.server.Inject(standin.Fault{Op: standin.OpAssetUpload, When: standin.After, Do: standin.DoDrop})
	}
	s.server.Inject(standin.Fault{Op: c.op, When: c.when, Do: standin.DoCall, Call: first.signalKill})
	sums = append(sums, s.save(picture(200<<10, 2), "Characters", "small.png"))
	until(t, "the daemon is killed", first.dead, func() string { return "it lives:\n" + first.output() })
	posts := s.server.Account().Requests[standin.OpAssetUpload]

	again := s.start()
	for deadline := time.Now().Add(5 * time.Minute); c.waits && s.server.Account().Requests[standin.OpAssetUpload]+len(s.server.Account().Uploads) < 3 &&
		time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
	}
	s.imported(again, sums...)
	s.took(again, 2)
	s.exactlyOnce(sums...)
	account := s.server.Account()
	if c.waits == (len(account.Uploads) == 0) && c.when != standin.Middle {
		t.Errorf("sent in parts: %d times", len(account.Uploads))
	}
	if n := account.Requests[standin.OpAssetUpload]; !c.waits && n != posts {
		t.Errorf("sent in one request %d times, %d of them before the kill", n, posts)
	}
	if in, _ := account.Collection("Characters"); len(in.Assets) != 2 {
		t.Errorf("%d images in their collection", len(in.Assets))
	}
	again.kill()
	s.intact()
}
