package scenario

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestNetworkWords(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, c := range []struct {
		err  error
		part string // of the description
	}{
		{dial(&net.DNSError{Name: "api.example.com", IsNotFound: true}), `"api.example.com" is not known`},
		{dial(&net.DNSError{Name: "api.example.com", IsTimeout: true}), "could not be looked up"},
		{dial(os.NewSyscallError("connect", connRefused)), "refused"},
		{dial(os.NewSyscallError("read", connReset)), "broke off"},
		{fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), "broke off"},
		{fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}), "signed by nobody"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, "somebody else"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "clock"},
		{errStalled, "no data moved"},
	} {
		if got := NetworkWords(c.err); !strings.Contains(got, c.part) {
			t.Errorf("%v: %q", c.err, got)
		}
	}
	// Whatever else it is, the library's own words are not used.
	for _, err := range []error{
		errors.New("what"), io.EOF, context.DeadlineExceeded, dial(os.ErrDeadlineExceeded), dial(os.NewSyscallError("connect", netUnreachable)),
		&tls.CertificateVerificationError{Err: errors.New("x509: odd")}, &net.OpError{Op: "remote error", Err: tls.AlertError(40)}, &url.Error{Op: "Get", URL: "https://x", Err: errors.New("http2: odd")},
		&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(os.NewSyscallError("connect", connRefused))},
	} {
		got := NetworkWords(err)
		for _, word := range []string{"dial", "tcp", "EOF", "deadline", "x509", "http2", "tls:", "what", "proxyconnect"} {
			if got == "" || strings.Contains(got, word) {
				t.Errorf("%v: %q", err, got)
			}
		}
	}
}

// A transport given from outside may wrap what it says in an address.
func TestCauseLosesAddresses(t *testing.T) {
	secret := "https://s3.example.com/x?X-Amz-Signature=" + canarySignature
	err := newCause(fmt.Errorf("putting %s: %w", secret, &url.Error{Op: "Put", URL: secret, Err: syscall.ENETUNREACH}), scrubber())
	if !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("%v has lost its cause", err)
	}
	if e, ok := errors.AsType[*url.Error](err); ok || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v, %v", err, e)
	}
}
