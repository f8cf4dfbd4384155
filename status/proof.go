package status

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// A command and the daemon prove to each other that they know the secret of the data
// directory before either says or believes anything: after the daemon was killed, any
// program of any account may have taken its port. On one connection
//
//	the command sends a nonce,
//	the daemon answers with a nonce of its own and its proof, made of both,
//	the command sends its request with its own proof, made of both.
//
// A proof is an HMAC over who makes it, the daemon's address and both nonces. The secret
// never crosses; a proof is good on its own connection alone; and since it names the
// address that the command called, nobody in between can pass on another daemon's.
const (
	helloPath   = "/api/hello"
	nonceHeader = "Scenario-Drop-Nonce"
	proofScheme = "Proof "

	maxNonce = 128 // bytes
)

// Who makes a proof.
const (
	byDaemon  = "daemon"
	byCommand = "command"
)

// hello is the daemon's answer to a command's nonce.
type hello struct {
	Nonce string `json:"nonce"`
	Proof string `json:"proof"`
}

// proof is what only somebody who knows the secret can make. No part has a line break.
func proof(secret, by, address, commandNonce, daemonNonce string) string {
	m := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(m, "scenario-drop control\n%s\n%s\n%s\n%s\n", by, address, commandNonce, daemonNonce)
	return hex.EncodeToString(m.Sum(nil))
}

func newNonce() string { return rand.Text() }

// caller is what the daemon knows of one connection to its control API.
type caller struct {
	mu           sync.Mutex
	commandNonce string
	daemonNonce  string // "" before the hello
}

type callerKey struct{}

func withCaller(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(withConn(ctx, c), callerKey{}, new(caller))
}

// proofGuard lets in only requests on connections whose other side proved to know the
// secret.
type proofGuard struct {
	access Access
	next   http.Handler
}

func (g *proofGuard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	c := r.Context().Value(callerKey{}).(*caller)
	if r.URL.Path == helloPath {
		nonce := r.Header.Get(nonceHeader)
		if nonce == "" || len(nonce) > maxNonce {
			http.Error(w, "a nonce is missing", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(g.answer(c, nonce)) // to somebody who may be gone
		return
	}
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), proofScheme); !ok || !g.proved(c, given) {
		http.Error(w, "This is the control of scenario-drop, for its own commands only.", http.StatusUnauthorized)
		return
	}
	welcome(r.Context())
	g.next.ServeHTTP(w, r)
}

func (g *proofGuard) answer(c *caller, nonce string) hello {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commandNonce, c.daemonNonce = nonce, newNonce()
	return hello{Nonce: c.daemonNonce, Proof: proof(g.access.Secret, byDaemon, g.access.Address, c.commandNonce, c.daemonNonce)}
}

func (g *proofGuard) proved(c *caller, given string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.daemonNonce != "" && equal(given, proof(g.access.Secret, byCommand, g.access.Address, c.commandNonce, c.daemonNonce))
}
