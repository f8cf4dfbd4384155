package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/standin"
)

func (a *app) standinCommand() *cobra.Command {
	o := standin.Options{}
	var verbose, anyAccount bool
	cmd := &cobra.Command{
		Use:   "standin",
		Short: "A test server in place of Scenario, also for trying other clients",
		Long: `Run a server that behaves as Scenario's API and its storage do, on this computer. It needs no account. What it holds is
told at /_standin/account; /_standin/faults makes it break on demand. On Linux, connections of other accounts of the computer
but root's are refused; elsewhere, and with --any-account or an address that is not loopback, the key, the secret and a token
for /_standin/ are random and printed at the start, unless they are given. With --dir, what was uploaded is there again after a
restart.`,
		Args: noArguments,
	}
	f := cmd.Flags()
	f.StringVar(&o.Addr, "addr", "127.0.0.1:8491", "listen on this `address:port`; port 0 takes a free one")
	f.StringVar(&o.Dir, "dir", "", "keep what is uploaded in this `folder`, for the next start too (default: a temporary one)")
	f.StringVar(&o.Key, "key", "", "the API key that is accepted (default: "+standin.DefaultKey+", or random)")
	f.StringVar(&o.Secret, "secret", "", "the secret of that key (default: "+standin.DefaultSecret+", or random)")
	f.StringVar(&o.AdminToken, "admin-token", "", "what the header "+standin.AdminHeader+" must bring to /_standin/ (default: nothing, or random)")
	f.BoolVar(&anyAccount, "any-account", false, "let in other accounts of this computer, too")
	f.StringSliceVar(&o.Projects, "project", nil, "the `projects` the key may use (default: any)")
	f.DurationVar(&o.ImportDelay, "import-delay", 300*time.Millisecond, "how long an import takes; below 0: done at once")
	f.DurationVar(&o.PartURLLifetime, "part-url-lifetime", standin.DefaultPartURLLifetime, "how long part URLs are valid")
	f.Int64Var(&o.MinPartSize, "min-part-size", standin.DefaultMinPartSize, "smallest part but the last, in `bytes`")
	f.BoolVar(&o.Discard, "discard", false, "keep no bytes, only sizes")
	f.BoolVar(&verbose, "verbose", false, "log every request")

	p := &o.Behavior
	f.Float64Var(&p.RatePerSecond, "rate", 0, "API requests a second before 429; 0: no limit")
	f.IntVar(&p.Burst, "burst", 0, "requests at once before the rate counts")
	f.StringVar(&p.RetryAfter, "retry-after", "", "Retry-After on 429: seconds or date (default: none)")
	f.BoolVar(&p.ShuffleParts, "shuffle-parts", false, "part URLs come in no order")
	f.StringVar(&p.Expires, "expires", "", "form of parts[].expires: offset, http, unix, unix-ms or none (default: RFC 3339)")
	f.BoolVar(&p.OpaqueETag, "opaque-etag", false, "ETags are no MD5")
	f.StringVar(&p.AddTwice, "add-twice", "", "adding to a collection twice: error (default: fine)")
	f.BoolVar(&p.EarlyEntityID, "early-entity-id", false, "entityId is shown before the import")
	f.BoolVar(&p.StaysComplete, "stays-complete", false, "an upload stays complete with its entityId")
	f.IntVar(&p.UnknownParent, "unknown-parent", 0, "`status` for a parent that does not exist: 400, 404 or 422")
	f.BoolVar(&p.NoPartsOnGet, "no-parts-on-get", false, "a pending upload shows no part URLs when asked again")
	f.BoolVar(&p.JobID, "job-id", false, "completed uploads have a jobId")
	f.BoolVar(&p.Unknown, "unknown", false, "unknown fields and values everywhere")
	f.BoolVar(&p.NoAssetList, "no-asset-list", false, "assets cannot be listed")
	f.BoolVar(&p.NoAssetSize, "no-asset-size", false, "assets do not tell their size")
	f.BoolVar(&p.NoAssetBulk, "no-asset-bulk", false, "assets cannot be asked for in bulk")
	f.IntVar(&p.MaxBulkAnswer, "max-bulk-answer", 0, "`bytes` of the largest answer about assets in bulk (default: 6 MB)")
	f.BoolVar(&p.NoModelTags, "no-model-tags", false, "models have no tags")
	f.BoolVar(&p.Converted, "converted", false, "images are handed out, and measured, in a converted form")
	f.DurationVar(&p.ListedAfter, "listed-after", 0, "how long an asset is missing in the list at first")
	f.IntVar(&p.Recomplete, "recomplete", 0, "`status` for completing twice: 400, 409 or 200")
	f.BoolVar(&p.IncompleteFails, "incomplete-fails", false, "completing without all parts ends the upload as failed")
	f.StringSliceVar(&p.Statuses, "statuses", nil, "statuses between completing and imported")
	f.StringVar(&p.ErrorShape, "error-shape", "", "shape of errors: reason, nested, message, text or empty")

	for flag, words := range map[string][]string{
		"retry-after": {"seconds", "date"}, "expires": {"offset", "http", "unix", "unix-ms", "none"}, "add-twice": {"error"},
		"recomplete": {"400", "409", "200"}, "unknown-parent": {"400", "404", "422"}, "error-shape": {"reason", "nested", "message", "text", "empty"},
	} {
		completeWith(cmd, flag, words...)
	}
	completeDirectory(cmd, "dir")

	cmd.RunE = a.does(func(ctx context.Context, _ []string) error {
		if verbose {
			o.Log, _ = newLog(a.Stderr, "text", -4)
		}
		o.OwnAccount = !anyAccount && standin.CanTellAccounts(o.Addr)
		if !o.OwnAccount {
			o.Key, o.Secret, o.AdminToken = cmp.Or(o.Key, rand.Text()), cmp.Or(o.Secret, rand.Text()), cmp.Or(o.AdminToken, rand.Text())
		}
		o.Keep = o.Dir != "" && !o.Discard
		s, err := standin.New(o)
		if errors.Is(err, standin.ErrInUse) {
			return fmt.Errorf("another test server is using the folder %s; stop it first, or give this one a folder of its own with --dir", printable(o.Dir))
		}
		if e, ok := errors.AsType[*net.OpError](err); ok {
			return fmt.Errorf("the test server cannot listen on %s (%w); choose another address with --addr: port 0 takes a free one", o.Addr, e)
		}
		if err != nil {
			return err
		}
		a.say("The test server listens. Stop it with Ctrl-C.")
		a.say("base_url   = %q", s.BaseURL())
		a.say("api_key    = %q", s.Key())
		a.say("api_secret = %q", s.Secret())
		if o.AdminToken != "" {
			a.say("Calls of /_standin/ need the header  %s: %s", standin.AdminHeader, o.AdminToken)
		}
		return s.Run(ctx)
	})
	return cmd
}
