package e2e

import (
	"fmt"
	"hash/crc32"
	"os/exec"
	"slices"
	"testing"
	"time"

	"scenario-drop/standin"
)

// BenchmarkSmallImages sends the same images of 200 KiB in parts and in one request
// each, in turn, and compares the two ways: wall time, the program's own processor time,
// requests and bytes on the line. Run it with -benchtime=5x for five rounds.
func BenchmarkSmallImages(b *testing.B) {
	for _, c := range []smallImagesCase{
		{name: "near", files: 300},
		{name: "answers take 50ms", files: 300, answer: 50 * time.Millisecond},
		{name: "importing takes 500ms too", files: 300, answer: 50 * time.Millisecond, o: standin.Options{ImportDelay: 500 * time.Millisecond}},
		{name: "a line of 10MB a second", files: 300, config: "bandwidth = '10MB/s'"},
		{name: "20 requests a second", files: 100, o: standin.Options{Play: standin.Play{RatePerSecond: 20}}},
	} {
		c.o.Discard = true
		b.Run(c.name, func(b *testing.B) {
			ways := map[string]*smallImages{"multipart": {}, "direct": {}}
			for round := 0; b.Loop(); round++ {
				order := []string{"multipart", "direct"}
				if round%2 == 1 {
					slices.Reverse(order)
				}
				for _, way := range order {
					b.StopTimer()
					ways[way].send(b, way, c)
					b.StartTimer()
				}
			}
			b.ReportMetric(0, "ns/op")
			for _, way := range []string{"multipart", "direct"} {
				b.ReportMetric(median(ways[way].wall), "s/"+way)
				b.ReportMetric(median(ways[way].cpu), "cpu-s/"+way)
				b.ReportMetric(ways[way].requests, "requests/file/"+way)
				b.ReportMetric(ways[way].sent, "sent/size/"+way)
			}
			b.ReportMetric(median(ways["direct"].wall)/median(ways["multipart"].wall), "wall-direct/multipart")
			b.ReportMetric(median(ways["direct"].cpu)/median(ways["multipart"].cpu), "cpu-direct/multipart")
		})
	}
}

// smallImagesCase is where the two ways are compared.
type smallImagesCase struct {
	name   string
	files  int
	o      standin.Options
	config string        // keys of [upload]
	answer time.Duration // how long every answer takes
}

// smallImages is what was measured of one way to send them.
type smallImages struct {
	wall, cpu []float64 // seconds, by round
	requests  float64   // a file
	sent      float64   // bytes on the line for each of a file
}

func (m *smallImages) send(b *testing.B, way string, c smallImagesCase) {
	const size = 200 << 10
	files := c.files
	s := newStudio(b, c.o)
	s.configure(c.config+"\nsmall_images = '"+way+"'", map[string]string{"Characters": "kind = 'image'\ncollections = ['Characters']"})
	s.save(picture(size, uint64(files)), "Characters", "first.png") // proves the direct way
	s.once()
	for i := range files {
		s.save(picture(size, uint64(i)), "Characters", fmt.Sprintf("%03d.png", i))
	}
	if c.answer > 0 {
		s.server.Inject(standin.Fault{Do: standin.DoDelay, Delay: c.answer, Times: -1})
	}
	before := s.server.Account()
	cmd := exec.Command(binary, "once", "--config", s.path("config.toml"))
	start := time.Now()
	out, err := cmd.CombinedOutput()
	m.wall = append(m.wall, time.Since(start).Seconds())
	after := s.server.Account()
	if err != nil || len(after.Assets)-len(before.Assets) != files {
		b.Fatalf("%v, and %d assets of %d files\n%s", err, len(after.Assets), files, out)
	}
	m.cpu = append(m.cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	n := 0
	for op, all := range after.Requests {
		n += all - before.Requests[op]
	}
	m.requests = float64(n) / float64(files)
	m.sent = float64(after.Received+after.Images-before.Received-before.Images) / float64(files*size)
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// picture is a file of n bytes that is a PNG as far as its chunks go, with content that
// cannot be compressed.
func picture(n int, seed uint64) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		l := len(data)
		b = append(b, byte(l>>24), byte(l>>16), byte(l>>8), byte(l))
		b = append(b, kind...)
		b = append(b, data...)
		sum := crc32.ChecksumIEEE(b[len(b)-l-4:])
		b = append(b, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	}
	chunk("IHDR", []byte{0, 0, 1, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0})
	chunk("IDAT", noise(n-len(b)-24, seed))
	chunk("IEND", nil)
	return b
}
