package scenario

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// testProxy lets a process put a part by a proxy on this machine, and returns what the
// proxy was asked for first.
func testProxy(t *testing.T) string {
	t.Helper()
	got := make(chan string, 16)
	address := rawServer(t, func(c net.Conn, r *bufio.Reader, _ <-chan struct{}) {
		head, _ := readHead(r)
		line, _, _ := strings.Cut(head, " HTTP/")
		select {
		case got <- line:
		default:
		}
		_, _ = c.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
	})
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyChild$", "-test.count=1")
	child.Env = append(os.Environ(), "PROXY_CHILD=1", "HTTPS_PROXY=http://"+address, "NO_PROXY=", "no_proxy=", "https_proxy=")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	select {
	case line := <-got:
		return line
	default:
		return ""
	}
}

func TestProxyChild(t *testing.T) {
	if os.Getenv("PROXY_CHILD") == "" {
		t.Skip("only as a process of another test's")
	}
	s := storage(t, func(o *StorageOptions) { o.Public = true })
	_, err := s.PutPart(t.Context(), PutPart{URL: "https://s3.example.com/x", Body: strings.NewReader("abc"), Size: 3})
	mustError(t, err, Network)
}
