package scenario

import (
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

func TestDescribeNetwork(t *testing.T) {
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
		if got := describeNetwork(c.err); !strings.Contains(got, c.part) {
			t.Errorf("%v: %q", c.err, got)
		}
	}
	if got := describeNetwork(errors.New("what")); got != "" {
		t.Errorf("%q", got)
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
