package scenario

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// NetworkWords says in plain English why an exchange over the network came to nothing:
// the one place where such an error becomes words. They name the proxy, where it is the
// proxy's trouble, without its password, and never the library's text.
func NetworkWords(err error) string {
	for _, e := range outOfDescriptors {
		if errors.Is(err, e) {
			return "no more connections can be opened: the limit of this process or computer is reached"
		}
	}
	if e, ok := errors.AsType[*proxyRefusal](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && (e.Op == "proxyconnect" || e.Op == "socks connect") {
		if name := proxyName(); name != "" {
			return name + " " + proxyTrouble(e.Err)
		}
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "listen" {
		switch {
		case errors.Is(err, addressInUse):
			return "another program uses the address already"
		case errors.Is(err, addressNotHere):
			return "this computer has no such address"
		case errors.Is(err, os.ErrPermission):
			return "this account may not use the address; ports below 1024 are the system's"
		}
		return "it is no address to listen at, such as 127.0.0.1:8490"
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		if e.IsNotFound {
			return fmt.Sprintf("the name %q is not known; is this machine online?", e.Name)
		}
		return fmt.Sprintf("the name %q could not be looked up; is this machine online?", e.Name)
	}
	_, unknownCA := errors.AsType[x509.UnknownAuthorityError](err)
	_, wrongHost := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	_, badTLS := errors.AsType[*tls.CertificateVerificationError](err)
	side, _ := errors.AsType[*net.OpError](err)
	alert := side != nil && (side.Op == "remote error" || side.Op == "local error") // of the TLS handshake
	switch {
	case unknownCA:
		return "the server's certificate is signed by nobody this machine trusts; a proxy may be looking into the traffic"
	case wrongHost, notTLS:
		return "somebody else answered in the server's name: a proxy, or a login page of the network"
	case invalid:
		return "the server's certificate is not valid now; is this machine's clock right?"
	case badTLS:
		return "the server's certificate cannot be trusted"
	case alert:
		return "no encrypted connection could be agreed on, in no version that both sides know; a proxy or a firewall may stand in between"
	case errors.Is(err, errStalled), errors.Is(err, errTooSlow):
		return err.Error()
	case errors.Is(err, errOffLimits):
		return "the address for the part cannot be used: " + errOffLimits.Error()
	case errors.Is(err, connRefused):
		return "the connection was refused"
	case errors.Is(err, netUnreachable), errors.Is(err, hostUnreachable), errors.Is(err, netDown):
		return "there is no way to the server; is this machine online?"
	case timedOut(err):
		return "there was no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, connReset), errors.Is(err, connAborted), errors.Is(err, connBroken):
		return "the connection broke off"
	}
	return "the connection failed"
}

// proxyTrouble says what became of a connection to a proxy, put so that it follows its name.
func proxyTrouble(err error) string {
	_, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case unknown:
		return "is not known by this name; correct it, or ask whoever runs the network"
	case errors.Is(err, connRefused):
		return "does not answer: the connection was refused; is it running, and its port right?"
	case errors.Is(err, netUnreachable), errors.Is(err, hostUnreachable), errors.Is(err, netDown):
		return "cannot be reached; is this machine online?"
	case timedOut(err):
		return "does not answer in time; correct its address, or ask whoever runs the network"
	}
	return "does not answer as a proxy does; correct its address, or ask whoever runs the network"
}

func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// proxyRefusal is a proxy's no to a connection.
type proxyRefusal struct {
	status int
	name   string
}

func (e *proxyRefusal) Error() string {
	if e.status == http.StatusProxyAuthRequired {
		return fmt.Sprintf("%s asks for a login (407): write user and password into its address", e.name)
	}
	return fmt.Sprintf("%s does not let the connection through (%s)", e.name, strings.TrimSpace(fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))))
}

// refusedByProxy gives the error of a CONNECT that was refused a type and the proxy's name.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{status: resp.StatusCode, name: cmp.Or(proxyName(), "the proxy")}
}

// proxyName is "the proxy http://host:port (HTTPS_PROXY)" of the environment, without user
// and password; "" without one.
func proxyName() string {
	u := environmentProxy()
	if u == nil {
		return ""
	}
	variable := "HTTPS_PROXY"
	if os.Getenv(variable) == "" && os.Getenv("https_proxy") != "" {
		variable = "https_proxy"
	}
	return fmt.Sprintf("the proxy %s://%s (%s)", u.Scheme, u.Host, variable)
}

// environmentProxy is the proxy for what leaves this machine, which is https alone; nil
// without one.
func environmentProxy() *url.URL {
	u, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: "storage.invalid"}})
	if err != nil {
		return nil
	}
	return u
}
