package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// record is what Scenario says of an upload whose URLs are good until a time.
func record(parts int, generation int, until time.Time) *scenario.Upload {
	u := &scenario.Upload{Status: "pending", ServerDate: time.Now(), ReceivedAt: time.Now()}
	for n := 1; n <= parts; n++ {
		u.Parts = append(u.Parts, scenario.Part{Number: n, URL: fmt.Sprintf("part %d of %d", n, generation), Expires: until})
	}
	return u
}

// sends is an Upload of bytes in parts of MinPartSize, whose URLs are fetched as often as is counted.
func sends(t *testing.T, data []byte) (u Upload, s *bytesSource, fetched *atomic.Int64) {
	t.Helper()
	plan, err := NewPlan(int64(len(data)), MinPartSize)
	if err != nil {
		t.Fatal(err)
	}
	s, fetched = &bytesSource{data: data}, &atomic.Int64{}
	fresh := func(context.Context) (*scenario.Upload, error) {
		return record(plan.Parts, int(fetched.Add(1)), time.Time{}), nil
	}
	return Upload{Source: s, Plan: plan, URLs: NewURLs(record(plan.Parts, 0, time.Time{}), fresh, time.Now),
		Hooks: Hooks{Begin: func() error { return nil }, Moved: func(int64) {}}}, s, fetched
}

func urls(parts, generation int) (all []string) {
	for n := 1; n <= parts; n++ {
		all = append(all, fmt.Sprintf("part %d of %d", n, generation))
	}
	return all
}

// One way for one part and for several: the bytes arrive in their parts, each has a receipt,
// the sum is theirs, and nothing of the source is held at the end.
func TestSend(t *testing.T) {
	for _, size := range []int{1, 1000, MinPartSize, 3*MinPartSize + 777} {
		for _, known := range []bool{false, true} {
			data := noise(size, 1)
			u, s, _ := sends(t, data)
			if known {
				d, err := Hash(t.Context(), s, u.Plan)
				if err != nil {
					t.Fatal(err)
				}
				u.Digest = &d
			}
			var mu sync.Mutex
			receipts := map[int]Part{}
			u.Hooks.Receipt = func(_ context.Context, p Part) error {
				mu.Lock()
				defer mu.Unlock()
				receipts[p.Number] = p
				return nil
			}
			var moved atomic.Int64
			u.Hooks.Moved = func(n int64) { moved.Add(n) }
			to := &fakeStorage{}
			sum, err := Send(t.Context(), to, u)
			want := sha256.Sum256(data)
			if err != nil || !bytes.Equal(sum, want[:]) {
				t.Fatalf("%d bytes: %x, %v", size, sum, err)
			}
			if got := to.all(t, urls(u.Plan.Parts, 0)...); !bytes.Equal(got, data) {
				t.Errorf("%d bytes: storage has others", size)
			}
			for n := 1; n <= u.Plan.Parts; n++ {
				offset, length := u.Plan.Range(n)
				if p, want := receipts[n], (Part{n, length, crc32.Checksum(data[offset:offset+length], castagnoli), "etag of " + urls(n, 0)[n-1]}); p != want {
					t.Errorf("%d bytes: receipt %+v, want %+v", size, p, want)
				}
			}
			if moved.Load() != int64(size) || s.held.Load() != 0 {
				t.Errorf("%d bytes: %d moved, %d pieces held", size, moved.Load(), s.held.Load())
			}
		}
	}
}

// The receipt of a part that storage has is written down even if the transfer was told to end
// before that.
func TestReceiptAfterTheEnd(t *testing.T) {
	u, _, _ := sends(t, noise(2*MinPartSize, 1))
	ctx, end := context.WithCancel(t.Context())
	var written atomic.Int64
	u.Hooks.Receipt = func(ctx context.Context, p Part) error {
		end()
		if err := ctx.Err(); err != nil {
			return err
		}
		written.Add(1)
		return nil
	}
	to := &fakeStorage{}
	if _, err := Send(ctx, to, u); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := int(written.Load()); n == 0 || n != len(to.parts) {
		t.Errorf("storage has %d parts, and %d receipts were written down", len(to.parts), n)
	}
}

// While a receipt cannot be written down, its connection sends no other part.
func TestSlowReceipts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, _, _ := sends(t, noise(20*MinPartSize, 1))
		written := make(chan struct{})
		u.Hooks.Receipt = func(context.Context, Part) error {
			<-written
			return nil
		}
		to := &fakeStorage{}
		done := make(chan error, 1)
		line := &oneConnection{to: to, free: make(chan struct{}, 1)}
		line.free <- struct{}{}
		go func() {
			_, err := Send(t.Context(), line, u)
			done <- err
		}()
		synctest.Wait()
		to.mu.Lock()
		n := len(to.parts)
		to.mu.Unlock()
		if n != 1 {
			t.Errorf("%d parts were sent before the first receipt was written down", n)
		}
		close(written)
		if err := <-done; err != nil || len(to.parts) != 20 {
			t.Errorf("%d parts were sent: %v", len(to.parts), err)
		}
	})
}

// What there is a receipt of is not sent again; that its bytes are still the same is found
// out from its checksum.
func TestSendResumed(t *testing.T) {
	data := noise(3*MinPartSize+5, 2)
	for _, has := range [][]int{{1}, {4}, {2, 3}, {1, 2, 3, 4}} {
		u, _, _ := sends(t, data)
		for _, n := range has {
			offset, length := u.Plan.Range(n)
			u.Receipts = append(u.Receipts, Part{Number: n, Size: length, CRC32C: crc32.Checksum(data[offset:offset+length], castagnoli)})
		}
		to := &fakeStorage{}
		sum, err := Send(t.Context(), to, u)
		if want := sha256.Sum256(data); err != nil || !bytes.Equal(sum, want[:]) || len(to.parts) != 4-len(has) {
			t.Errorf("with %v: %d parts were sent, %x, %v", has, len(to.parts), sum, err)
		}
		u.Receipts[0].CRC32C++
		if _, err := Send(t.Context(), &fakeStorage{}, u); !errors.Is(err, ErrChanged) {
			t.Errorf("with %v, one of them of other bytes: %v", has, err)
		}
	}
	one, _, _ := sends(t, data[:100])
	one.Receipts = []Part{{Number: 1, Size: 100, CRC32C: crc32.Checksum(data[:100], castagnoli)}}
	sum, err := Send(t.Context(), &fakeStorage{}, one)
	if want := sha256.Sum256(data[:100]); err != nil || !bytes.Equal(sum, want[:]) {
		t.Errorf("with its only part: %x, %v", sum, err)
	}
}

// Bytes that are others while they are sent than when they were hashed end the transfer.
func TestSendOtherBytes(t *testing.T) {
	u, s, _ := sends(t, noise(1000, 3))
	d, err := Hash(t.Context(), s, u.Plan)
	if err != nil {
		t.Fatal(err)
	}
	u.Digest = &d
	s.data = noise(1000, 4)
	if _, err := Send(t.Context(), &fakeStorage{}, u); !errors.Is(err, ErrChanged) {
		t.Error(err)
	}
}

func refusal(class scenario.Class, code string) error {
	return &scenario.Error{Op: "sending a part", Class: class, Code: code}
}

// After each error of storage: what is done, and what comes of it.
func TestSendAfterErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		times   int
		want    error // nil: it is sent in the end
		fetched int64
	}{
		"the network":          {refusal(scenario.Network, ""), 20, nil, 0},
		"a fault, a few times": {refusal(scenario.ServerFault, ""), guard.TriesInPlace - 1, nil, 0},
		"a fault, too often":   {refusal(scenario.ServerFault, ""), guard.TriesInPlace, refusal(scenario.ServerFault, ""), 0},
		"expired URLs":         {refusal(scenario.Expired, "AccessDenied"), maxRefused, nil, maxRefused},
		"fresh URLs refused":   {refusal(scenario.Expired, "AccessDenied"), maxRefused + 1, ErrLost, maxRefused},
		"an upload not known":  {refusal(scenario.NotFound, "NoSuchUpload"), maxRefused + 1, ErrLost, maxRefused},
		"refused by whom":      {refusal(scenario.Expired, ""), maxRefused + 1, refusal(scenario.Expired, ""), maxRefused},
		"a no":                 {refusal(scenario.Rejected, ""), 1, refusal(scenario.Rejected, ""), 0},
	} {
		t.Run(name, func(t *testing.T) {
			data := noise(1000, 5)
			u, _, fetched := sends(t, data)
			left := c.times
			to := &fakeStorage{put: func(guard.Part) error {
				if left--; left >= 0 {
					return c.err
				}
				return nil
			}}
			sum, err := Send(t.Context(), to, u)
			want := sha256.Sum256(data)
			switch {
			case c.want == nil && (err != nil || !bytes.Equal(sum, want[:])):
				t.Errorf("%x, %v", sum, err)
			case c.want != nil && !errors.Is(err, c.want) && scenario.ClassOf(err) != scenario.ClassOf(c.want), c.want != nil && err == nil:
				t.Errorf("%v, want %v", err, c.want)
			}
			if fetched.Load() != c.fetched {
				t.Errorf("fresh URLs were asked for %d times, want %d", fetched.Load(), c.fetched)
			}
		})
	}
}

// A source that has changed ends the transfer of all parts, and so does whoever is asked before
// each part, and a receipt that cannot be written down.
func TestSendEnds(t *testing.T) {
	no := errors.New("no")
	for name, prepare := range map[string]func(*Upload, *bytesSource) (want error){
		"changed": func(_ *Upload, s *bytesSource) error { s.from.Store(MinPartSize + 10); return errVersion },
		"unwatched": func(u *Upload, _ *bytesSource) error {
			var asked atomic.Int64
			u.Hooks.Begin = func() error {
				if asked.Add(1) == 3 {
					return no
				}
				return nil
			}
			return no
		},
		"no receipt": func(u *Upload, _ *bytesSource) error {
			u.Hooks.Receipt = func(context.Context, Part) error { return no }
			return no
		},
	} {
		t.Run(name, func(t *testing.T) {
			u, s, _ := sends(t, noise(4*MinPartSize, 6))
			want := prepare(&u, s)
			if _, err := Send(t.Context(), &fakeStorage{}, u); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
			if s.held.Load() != 0 {
				t.Errorf("%d pieces are held", s.held.Load())
			}
		})
	}
}

// While storage lets nothing through, one part of a file waits for its turn, however many there
// are; nothing of the source is read; and a URL that expired meanwhile is not used.
func TestSendWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := noise(10*MinPartSize, 7)
		u, s, fetched := sends(t, data)
		parts := u.Plan.Parts
		fresh := func(context.Context) (*scenario.Upload, error) {
			return record(parts, int(fetched.Add(1)), time.Now().Add(time.Hour)), nil
		}
		u.URLs = NewURLs(record(parts, 0, time.Now().Add(time.Minute)), fresh, time.Now)
		open := make(chan struct{})
		var waiting atomic.Int64
		to := &fakeStorage{put: func(guard.Part) error {
			waiting.Add(1)
			defer waiting.Add(-1)
			<-open
			return nil
		}}
		done := make(chan error)
		go func() {
			_, err := Send(t.Context(), to, u)
			done <- err
		}()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if waiting.Load() != 1 || s.maxHeld.Load() != 0 {
			t.Errorf("%d parts wait; at most %d pieces were held", waiting.Load(), s.maxHeld.Load())
		}
		close(open)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got := to.all(t, urls(parts, 1)...); !bytes.Equal(got, data) {
			t.Error("storage has other bytes")
		}
		if slices.ContainsFunc(to.order, func(url string) bool { return slices.Contains(urls(parts, 0), url) }) || fetched.Load() != 1 {
			t.Errorf("parts were sent to %q; fresh URLs were asked for %d times", to.order, fetched.Load())
		}
	})
}
