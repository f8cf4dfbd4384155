package e2e

import (
	"fmt"
	"strings"
	"testing"

	"scenario-drop/internal/testkit/s3store"
	"scenario-drop/internal/testkit/s3test"
	"scenario-drop/standin"
)

// With a real S3 server as storage, `once` and `run` deliver small and large files
// whole: SHA-256 of what the S3 server holds says so.
func TestRealS3(t *testing.T) {
	endpoint, access, secret := s3test.Start(t)
	store, err := s3store.New(s3store.Options{Endpoint: endpoint, AccessKey: access, SecretKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	s := newStudio(t, standin.Options{Objects: store})
	s.configure("part_size = '5MiB'", map[string]string{
		"Characters": "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Characters']",
		"Video":      "kind = 'video'\nother_kinds = 'send'\nsettle = '0s'",
	})
	var sums []string
	for i := range 40 {
		sums = append(sums, s.save(noise(200<<10+i, uint64(i)), "Characters", fmt.Sprintf("orc-%02d.png", i)))
	}
	sums = append(sums, s.save(noise(4*partSize+123, 100), "Video", "large.bin"))
	if out, code := s.command("once"); code != 0 {
		t.Fatalf("once ended with %d:\n%s", code, out)
	}
	s.exactlyOnce(sums...)
	if out, code := s.command("once"); code != 0 || strings.Contains(out, "orc-") {
		t.Errorf("the second once ended with %d:\n%s", code, out)
	}

	d := s.start()
	sums = append(sums, s.save(noise(300<<10, 200), "Characters", "later.png"), s.save(noise(3*partSize, 201), "Video", "later.bin"))
	s.imported(d, sums...)
	s.settled(d)
	s.exactlyOnce(sums...)
}
