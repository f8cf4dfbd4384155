package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
	nobody := closedPort(t)
	_, refused := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + nobody + "/")
	_, dial := net.Dial("tcp", nobody)
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	for _, err := range []error{number, syntax, badJSON, badType, cut, refused, dial, ctx.Err(), io.EOF, io.ErrUnexpectedEOF} {
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

// closedPort is an address of this machine where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
