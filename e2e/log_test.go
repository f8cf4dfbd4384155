package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"scenario-drop/standin"
)

// logged counts the lines of a daemon's log by their message, without numbers.
func logged(t *testing.T, text string) map[string]int {
	t.Helper()
	number := regexp.MustCompile(`\d+`)
	n := map[string]int{}
	for line := range strings.Lines(text) {
		found := regexp.MustCompile(`msg=("(?:[^"\\]|\\.)*"|\S+)`).FindStringSubmatch(line)
		if found == nil {
			t.Errorf("a line is none of the log's: %q", line)
			continue
		}
		n[number.ReplaceAllString(strings.Trim(found[1], `"`), "N")]++
	}
	return n
}

// sameCounts compares what was logged with what is wanted: exact numbers, or with a
// number below zero at least one and at most so many.
func sameCounts(t *testing.T, text string, want map[string]int) {
	t.Helper()
	got := logged(t, text)
	for message, n := range want {
		if n >= 0 && got[message] != n || n < 0 && (got[message] < 1 || got[message] > -n) {
			t.Errorf("%d lines %q, want %d", got[message], message, n)
		}
		delete(got, message)
	}
	for message, n := range got {
		t.Errorf("%d lines %q that are not wanted", n, message)
	}
	if t.Failed() {
		t.Log("the log:\n" + text)
	}
}

// end stops the daemon in good order and returns its whole log.
func (d *daemon) end() string {
	d.t.Helper()
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		d.t.Fatal(err)
	}
	<-d.ended
	return d.output()
}

const (
	runs = "scenario-drop runs"
	ends = "scenario-drop ends; what is being done resumes with the next start"
	down = "Scenario cannot be used for now (network); everything waits and resumes automatically"
	up   = "Scenario can be reached again"
)

// A server that is down for some seconds with 200 files waiting is one line, its recovery another, and
// no file has a line of failure.
func TestLogOfAnOutage(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	var sums []string
	for i := range 200 {
		sums = append(sums, s.save(noise(100+i, uint64(i)), "Characters", fmt.Sprintf("%d.png", i)))
	}
	s.server.Inject(standin.Fault{Do: standin.DoDrop, Times: -1})
	d := s.start()
	until(t, "the log tells of the outage", func() bool { return strings.Contains(d.output(), down) }, d.output)
	out, code := s.command("why", s.path("Characters", "7.png"))
	if code != 0 || !strings.Contains(out, "cannot be reached") {
		t.Errorf("why does not say what a file waits for (%d): %s", code, out)
	}
	time.Sleep(3 * time.Second) // a longer outage, for what repeats in it
	s.server.ClearFaults()
	s.imported(d, sums...)
	s.settled(d)
	log := d.end()
	// The next try may be long after the server is back; then the trouble is told once more.
	sameCounts(t, log, map[string]int{runs: 1, down: -2, up: 1, "imported": 200, ends: 1})
	if !regexp.MustCompile(`msg="Scenario can be reached again" failure=host:Scenario after=\S+ tries=\d+`).MatchString(log) {
		t.Errorf("the recovery does not say how long and how often:\n%s", log)
	}
	s.exactlyOnce(sums...)
}

// Fifty files that are put off for one reason are a few lines, and each that made it says
// after how many failures.
func TestLogOfFilesPutOff(t *testing.T) {
	t.Parallel()
	const many = 50
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{
		"Characters": "kind = 'image'\nsettle = '0s'",
		"Props":      "kind = 'image'\nsettle = '0s'\ncollections = ['Props']",
	})
	data := noise(1000, 1)
	sum := s.save(data, "Characters", "orc.png")
	d := s.start()
	s.imported(d, sum)
	s.settled(d)
	s.server.Inject(standin.Fault{Op: standin.OpLink, Do: standin.DoStatus, Status: 404, Times: 2 * many})
	for i := range many {
		s.save(data, "Props", fmt.Sprintf("%d.png", i))
	}
	var log string
	until(t, "all are imported", func() bool {
		log = d.output()
		return strings.Count(log, `msg=imported `)+strings.Count(log, `msg="imported after `) == many+1
	}, d.output)
	log = d.end()
	got := logged(t, log)
	if n := got["file postponed"]; n < 1 || n > 5 {
		t.Errorf("%d lines for %d failures of one kind", n, 2*many)
	}
	if got["imported after N failures"] == 0 || got["imported"]+got["imported after N failures"] != many+1 {
		t.Errorf("the lines are %v", got)
	}
	total := 0
	for _, found := range regexp.MustCompile(`msg="file postponed" failure=postponed:error item=\d+ .*`).FindAllString(log, -1) {
		n := 1
		if _, after, ok := strings.Cut(found, " repeated="); ok {
			fmt.Sscan(after, &n)
		}
		total += n
	}
	failures := 0
	for _, found := range regexp.MustCompile(`imported after (\d+) failures`).FindAllStringSubmatch(log, -1) {
		n := 0
		fmt.Sscan(found[1], &n)
		failures += n
	}
	if total != failures || total == 0 {
		t.Errorf("the lines stand for %d failures, and the files imported had %d", total, failures)
	}
	s.exactlyOnce(sum)
}

// A file that fails has one line with its number, by which why --json and history --json know it as well, in both
// formats of the log; a file that is held likewise.
func TestLogOfFilesThatFail(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{})
			s.configure("[log]\nformat = '"+format+"'", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
			s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 400})
			s.save(noise(1000, 1), "Characters", "refused.png")
			s.save([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDA"), "Characters", "cut.png")
			d := s.start()
			until(t, "both are told of", func() bool {
				return strings.Contains(d.output(), "file failed") && strings.Contains(d.output(), "file held")
			}, d.output)
			for name, message := range map[string]string{"refused.png": "file failed", "cut.png": "file held"} {
				item := itemInLog(t, format, d.output(), message)
				out, _ := s.command("why", s.path("Characters", name))
				if strings.Contains(out, "item=") || strings.Contains(out, "in the log") {
					t.Errorf("a number for the log stands in a sentence for people: %s", out)
				}
				out, _ = s.command("why", "--json", s.path("Characters", name))
				if !strings.Contains(strings.Join(strings.Fields(out), ""), fmt.Sprintf(`"item":%d`, item)) {
					t.Errorf("why --json does not name item %d: %s", item, out)
				}
				out, _ = s.command("history", "--failed", "--json")
				if !strings.Contains(strings.Join(strings.Fields(out), ""), fmt.Sprintf(`"item":%d`, item)) {
					t.Errorf("history does not name item %d: %s", item, out)
				}
			}
			d.end()
		})
	}
}

// itemInLog returns the item of the one line with a message.
func itemInLog(t *testing.T, format, text, message string) (item int) {
	t.Helper()
	lines := 0
	for line := range strings.Lines(text) {
		if !strings.Contains(line, message) {
			continue
		}
		lines++
		if format == "json" {
			var v struct{ Item int }
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			item = v.Item
		} else if found := regexp.MustCompile(` item=(\d+) `).FindStringSubmatch(line); found != nil {
			fmt.Sscan(found[1], &item)
		}
	}
	if lines != 1 || item == 0 {
		t.Errorf("%d lines %q, item %d:\n%s", lines, message, item, text)
	}
	return item
}

// A folder that is away is one line, and another when it is back.
func TestLogOfAFolder(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'image'\nsettle = '0s'"})
	d := s.start()
	one := s.save(noise(1000, 1), "Characters", "1.png")
	s.imported(d, one)
	if err := os.Rename(s.path("Characters"), s.path("away")); err != nil {
		t.Fatal(err)
	}
	until(t, "the trouble is told", func() bool { return strings.Contains(d.output(), "folder in trouble") }, d.output)
	if out, _ := s.command("why", s.path("Characters", "new.png")); !strings.Contains(out, "in trouble") {
		t.Errorf("why does not say that the folder is away: %s", out)
	}
	if err := os.Rename(s.path("away"), s.path("Characters")); err != nil {
		t.Fatal(err)
	}
	two := s.save(noise(1000, 2), "Characters", "2.png")
	s.imported(d, one, two)
	s.settled(d)
	until(t, "the recovery is told", func() bool { return strings.Contains(d.output(), "folder well again") }, d.output)
	sameCounts(t, d.end(), map[string]int{runs: 1, "folder in trouble": -2, "folder well again": 1, "imported": 2, ends: 1})
}
