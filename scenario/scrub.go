package scenario

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
)

// maxMessage bounds a server's message, in bytes.
const maxMessage = 600

// minSecret is how long a secret is at least. Shorter ones are nobody's, and would take
// letters out of every word.
const minSecret = 4

var (
	// webAddress finds addresses, to cut off what may be secret in them.
	webAddress = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>]+`)
	// signature finds what signs a request, outside of an address: name=value.
	signature = regexp.MustCompile(`(?i)\b((?:x-amz|x-goog)-[a-z-]+|signature|sig|awsaccesskeyid|[a-z_-]*token|[a-z_-]*secret)=[^\s&"'<>,;]+`)
	// credentials finds the value of an Authorization header.
	credentials = regexp.MustCompile(`(?i)\b(basic|bearer)\s+[a-z0-9+/=_.~-]{8,}`)
)

// scrubber makes the function that all words of others pass before they get into an
// error: of printable characters, short, and without secrets, the ones given and
// whatever looks like one.
func scrubber(secrets ...string) func(string) string {
	var pairs []string
	for _, s := range secrets {
		if len(s) >= minSecret {
			pairs = append(pairs, s, "[removed]")
		}
	}
	known := strings.NewReplacer(pairs...)
	return func(s string) string {
		s = known.Replace(s)
		// What comes after is not shown, and the expressions need not see it.
		s = printable(clip(s, 16*maxMessage))
		s = webAddress.ReplaceAllStringFunc(s, bareAddress)
		s = signature.ReplaceAllString(s, "$1=[removed]")
		s = credentials.ReplaceAllString(s, "$1 [removed]")
		return clip(s, maxMessage)
	}
}

// bareAddress keeps an address's scheme and host, and its path unless it has a query:
// a signed one is nobody's business at all.
func bareAddress(s string) string {
	scheme, rest, _ := strings.Cut(s, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if strings.ContainsAny(path, "?#") {
		path = "/…"
	}
	return scheme + "://" + host + path
}

// printable puts one space in place of any run of what is no printable character.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// clip shortens s to limit bytes at most, at the end of a character.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const dots = "…"
	return strings.ToValidUTF8(s[:limit-len(dots)], "") + dots
}

func basicAuth(key, secret string) string {
	return base64.StdEncoding.EncodeToString([]byte(key + ":" + secret))
}
