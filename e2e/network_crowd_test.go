package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/standin"
)

// Ten thousand waiting files ask a server that is down no more often than the backoff of
// one allows: after the first moment, in which every file under way finds out, some
// eight times in the first minute and four times in each that follows. When the server is
// back all go on together.
func TestTenThousandWaitPolitely(t *testing.T) {
	const files, atOnce = 10_000, 32
	for name, trouble := range map[string]nettest.Trouble{
		"reset": func(w http.ResponseWriter, _ *http.Request) bool { nettest.Hangup(w, true); return true },
		"503":   nettest.Answer(503, "text/plain", "no healthy upstream"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{})
			s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
			line := nettest.New(t, s.server.BaseURL(), nettest.Options{})
			s.withBase(line.BaseURL())
			line.Set(trouble)
			for i := range files {
				path := s.path("Characters", fmt.Sprint(i/500), fmt.Sprintf("orc-%05d.png", i))
				if i%500 == 0 {
					if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.WriteFile(path, noise(64, uint64(i)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			d := s.start()
			until(t, "all files wait", func() bool { return s.waiting() == files }, func() string { return fmt.Sprint(s.waiting(), " do\n", d.output()) })
			down := line.Requests()[0].At
			time.Sleep(time.Until(down.Add(crowdWaits)))

			requests := line.Requests()
			perMinute := make([]int, int(crowdWaits/time.Minute)+1)
			burst := 0
			for _, r := range requests {
				perMinute[int(r.At.Sub(down)/time.Minute)]++
				if r.At.Sub(down) < 250*time.Millisecond {
					burst++
				}
			}
			t.Logf("%d requests, %d of them at once; in each minute: %v; %d connections", len(requests), burst, perMinute, line.Connections())
			for i, n := range perMinute {
				most := 4
				if i == 0 {
					most = atOnce + 8
				}
				if n > most {
					t.Errorf("%d requests in minute %d, want at most %d", n, i+1, most)
				}
			}
			if n := strings.Count(d.output(), "level=WARN") + strings.Count(d.output(), "level=ERROR"); n > 3+int(crowdWaits/time.Minute)*2 {
				t.Errorf("the outage is %d warnings:\n%s", n, d.output())
			}

			line.Set(nil)
			back := time.Now()
			for len(s.server.Account().Assets) < crowdReturns {
				if time.Since(back) > crowdPatience {
					t.Fatalf("%d files are imported %v after the server is back\n%s", len(s.server.Account().Assets), crowdPatience, d.output())
				}
				time.Sleep(50 * time.Millisecond)
			}
			took := time.Since(back)
			first := s.firstAsset().Sub(back)
			t.Logf("back after %v, %d files imported after %v", first.Round(time.Millisecond), crowdReturns, took.Round(time.Millisecond))
			// The longest wait of a server fault grows for longer than that of the network.
			if longest := max(30*time.Second, min(crowdWaits, 5*time.Minute)) + 5*time.Second; first > longest {
				t.Errorf("the first went on after %v, want within %v", first, longest)
			}
			if peak := s.server.Account().Peak[standin.OpCreate]; peak < 2 {
				t.Error("the files went on one by one")
			}
			account := s.server.Account()
			for sum, all := range account.BySHA256() {
				if len(all) != 1 {
					t.Errorf("content %s is %d assets", sum[:12], len(all))
				}
			}
		})
	}
}

// waiting is how many files the ledger has on their way.
func (s *studio) waiting() (n int) {
	if _, err := os.Stat(filepath.Join(s.data, "ledger.db")); err != nil {
		return 0
	}
	db := s.ledger()
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM items WHERE state IN ('queued', 'preparing')").Scan(&n); err != nil {
		return 0
	}
	return n
}

func (s *studio) firstAsset() time.Time { return s.server.Account().Assets[0].CreatedAt }
