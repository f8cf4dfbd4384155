package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What the libraries say of an error never reaches a person.
func TestNoLibraryWords(t *testing.T) {
	_, number := strconv.Atoi("abc")
	_, syntax := strconv.ParseInt("", 10, 64)
	var v struct{ A int }
	badJSON, badType, cut := json.Unmarshal([]byte("<html>"), &v), json.Unmarshal([]byte(`{"A":"x"}`), &v), json.NewDecoder(strings.NewReader(`{"A":`)).Decode(&v)
	_, refused := (&http.Client{Transport: &http.Transport{}}).Get("http://127.0.0.1:1/")
	_, dial := net.Dial("tcp", "127.0.0.1:1")
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	for _, err := range []error{number, syntax, badJSON, badType, cut, refused, dial, ctx.Err(), io.EOF, io.ErrUnexpectedEOF} {
		if err == nil && runtime.GOOS == "windows" {
			continue // wine connects to a port where nobody listens
		}
		text := errorText(fmt.Errorf("ask the daemon: %w", err))
		if err == nil || !strings.HasPrefix(text, "scenario-drop: ask the daemon: ") || strings.HasSuffix(text, ": ") {
			t.Errorf("%v: %q", err, text)
		}
		for _, word := range []string{"strconv", "invalid", "dial", "tcp", "EOF", "deadline", "json:", "Get ", "unmarshal"} {
			if strings.Contains(text, word) {
				t.Errorf("%q has the words of %q", text, word)
			}
		}
	}
	if got := errorText(errors.New("disk full")); got != "scenario-drop: disk full" {
		t.Error(got)
	}
}
