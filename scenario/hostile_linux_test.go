package scenario

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// mostMemory is what a process may take at most, whatever a server does: a few times the
// largest answer that is read.
const mostMemory = 128 << 20

// The child asks one thing of a server and prints the error.
func TestHostileChild(t *testing.T) {
	base, op := os.Getenv("HOSTILE_SERVER"), os.Getenv("HOSTILE_OP")
	if base == "" {
		t.Skip("only as a process of TestHostileServer's")
	}
	c := clientOf(t, base+"/v1")
	s := storage(t)
	var err error
	switch op {
	case "create":
		_, err = c.CreateUpload(t.Context(), NewUpload{FileName: "x", FileSize: 1, ContentType: "a/b", Kind: "image", Parts: 2})
	case "get":
		_, err = c.GetUpload(t.Context(), "u1")
	case "asset":
		_, err = c.GetAsset(t.Context(), "a1")
	case "collections":
		for _, err = range c.Collections(t.Context()) {
			if err != nil {
				break
			}
		}
	case "part":
		_, err = s.PutPart(t.Context(), PutPart{URL: base, Body: strings.NewReader("abc"), Size: 3})
	}
	status, readErr := os.ReadFile("/proc/self/status")
	if readErr != nil {
		t.Fatal(readErr)
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	peak, _, _ = strings.Cut(peak, " kB")
	fmt.Println(strings.TrimSpace(peak)) // in KiB
	var e *Error
	if errors.As(err, &e) {
		fmt.Printf("class %s: %s\n", e.Class, e.Error())
	} else {
		fmt.Printf("class : %v\n", err)
	}
}

// flood writes a piece again and again, until the client hangs up or it is far too
// much.
func flood(begin, piece string) http.HandlerFunc {
	piece = strings.Repeat(piece, 1+(64<<10)/len(piece))
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, err := io.WriteString(w, begin)
		for sent := 0; err == nil && sent < 1<<30; sent += len(piece) {
			_, err = io.WriteString(w, piece)
		}
	}
}

// full is an answer of so many bytes at most; maxAnswer is just what is read.
func full(size int, begin, piece, end string) http.HandlerFunc {
	n := (size - len(begin) - len(end)) / len(piece)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, err := io.WriteString(w, begin)
		for many := strings.Repeat(piece, 10_000); err == nil && n > 0; n -= 10_000 {
			_, err = io.WriteString(w, many[:len(piece)*min(n, 10_000)])
		}
		_, _ = io.WriteString(w, end)
	}
}

func bomb(t *testing.T) http.HandlerFunc {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 64<<20))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	member := b.Bytes()
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Encoding", "gzip")
		for range 100 {
			if _, err := w.Write(member); err != nil {
				return
			}
		}
	}
}

// Whatever a server answers, a client ends with an error that can be shown, soon, and
// with little memory.
func TestHostileServer(t *testing.T) {
	if raceEnabled {
		t.Skip("it is about memory and time, of which the race detector takes its own")
	}
	const pending = `{"upload":{"id":"u1","status":"pending"`
	headers := func(name string, size int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set(name, strings.Repeat("e", size))
			w.WriteHeader(200)
		}
	}
	million := func(begin, entry, end string) http.HandlerFunc {
		return full(1_000_000*(len(entry)+1)+len(begin)+len(entry)+len(end), begin+entry, ","+entry, end)
	}
	var redirects atomic.Int32
	for name, c := range map[string]struct {
		op   string
		h    http.HandlerFunc
		want Class // 0: none
	}{
		"endless JSON":          {"get", flood(pending+`,"fileName":"`, "x"), Garbled},
		"gzip bomb":             {"get", bomb(t), Garbled},
		"nested deep":           {"get", full(maxAnswer, "", "[", ""), Garbled},
		"objects nested deep":   {"asset", full(4<<20, `{"asset":`, `{"metadata":`, ""), Garbled},
		"nested in a field":     {"get", full(4<<20, pending+`,"parts":[{"number":1,"url":"https://s3.example.com/","expires":`, "[", ""), Garbled},
		"an array for a time":   {"asset", full(maxAnswer, `{"asset":{"id":"a1","createdAt":[0`, ",0", `]}}`), 0},
		"millions of ids":       {"asset", full(maxAnswer, `{"asset":{"id":"a1","collectionIds":[""`, `,""`, `]}}`), 0},
		"a million parts":       {"create", million(pending+`,"parts":[`, `{"number":1,"url":""}`, `]}}`), Garbled},
		"a million collections": {"collections", million(`{"collections":[`, `{"id":"c"}`, `]}`), Garbled},
		"a huge id":             {"create", full(maxAnswer, `{"upload":{"id":"`, "i", `","status":"pending"}}`), Garbled},
		"an id with escapes":    {"get", jsonAnswer(`{"upload":{"id":"u1","status":"imported","entityId":"a\u001b[2J"}}`), Garbled},
		"a huge token":          {"collections", full(4<<20, `{"collections":[],"nextPaginationToken":"`, "t", `"}`), Garbled},
		"a huge name":           {"collections", full(4<<20, `{"collections":[{"id":"c","name":"`, "n", `"}]}`), 0},
		"a huge error":          {"get", answers(400, "application/json", `{"message":"`+strings.Repeat(`\u001b[2J\u001b]0;owned\u0007 `, 300_000)+`"}`), Rejected},
		"a huge error in text":  {"get", answers(400, "text/plain", strings.Repeat("\x1b[2J\x07owned ", 800_000)), Rejected},
		"enormous headers":      {"get", headers("X-Amzn-Requestid", 10<<20), Network},
		"a long request id":     {"get", headers("X-Amzn-Requestid", 100<<10), Garbled},
		"redirects without end": {"get", func(w http.ResponseWriter, r *http.Request) {
			redirects.Add(1)
			http.Redirect(w, r, "/v1/x", http.StatusFound)
		}, Garbled},
		"storage: endless":        {"part", flood("", "x"), Garbled},
		"storage: gzip bomb":      {"part", bomb(t), Garbled},
		"storage: ETag of 1 MB":   {"part", headers("Etag", 1<<20), Network},
		"storage: ETag of 100 KB": {"part", headers("Etag", 100<<10), 0},
		"storage: endless XML": {"part", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(403)
			flood("<a>", "<b>")(w, r)
		}, Expired},
		"storage: redirects": {"part", http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect).ServeHTTP, Garbled},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(c.h)
			defer srv.Close()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostileChild$", "-test.count=1")
			child.Env = append(os.Environ(), "HOSTILE_SERVER="+srv.URL, "HOSTILE_OP="+c.op, "NO_PROXY=*")
			began := time.Now()
			out, err := child.CombinedOutput()
			srv.CloseClientConnections()
			first, rest, _ := strings.Cut(string(out), "\n")
			text, _, _ := strings.Cut(rest, "\n")
			if want := "class " + c.want.String() + ":"; err != nil || !strings.HasPrefix(text, want) {
				t.Errorf("%v, %q; want %q", err, clip(string(out), 500), want)
			}
			if len(text) > 2*maxMessage || strings.ContainsAny(text, "\x1b\x07") {
				t.Errorf("the error is of %d bytes: %q", len(text), clip(text, 500))
			}
			took := time.Since(began)
			peak, err := strconv.ParseInt(first, 10, 64)
			t.Logf("%d MiB, %v: %s", peak>>10, took.Round(time.Millisecond), clip(text, 160))
			if err != nil || peak<<10 > mostMemory {
				t.Errorf("%d MiB of memory were taken, of %d at most; %v", peak>>10, mostMemory>>20, err)
			}
			if took > time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
	if n := redirects.Load(); n != 1 {
		t.Errorf("%d requests for a redirect", n)
	}
}
