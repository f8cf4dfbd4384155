package uploader

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"time"

	"golang.org/x/text/unicode/norm"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/reconcile"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// The direct way: a small image goes to Scenario in the one request that also makes its
// asset. All but the request's last bytes leave before anything is written down, as the
// server cannot make anything of them. Then what was sent is checked against the file
// and its hash, the intent becomes durable, and only then the last bytes follow. An
// answer that is lost after that is settled by what Scenario lists: see direct_settle.go.

// directStep is what follows on a direct request that did not succeed.
type directStep int

const (
	sendAgain  directStep = iota // nothing came of it, nothing is written down: at once
	queueAnew                    // nothing came of it: the intent is void
	inParts                      // Scenario says no to this way: the file is sent in parts
	lostAnswer                   // an asset may have come of it
	notNow                       // nothing came of it; the file lets others go first
)

// afterDirect is the table of what follows on a direct request's error, by whether the
// request's last bytes may have left (intended), and how often it was made.
//
//	                                     before the last bytes   after them
//	404 and other 4xx                    inParts                 inParts
//	403 of a key that works, plan limit  inParts                 inParts
//	429, key refused                     sendAgain               queueAnew
//	network, garbled answer              sendAgain               lostAnswer
//	5xx                                  sendAgain, then notNow  lostAnswer
//	anything else                        notNow                  lostAnswer
func afterDirect(err error, intended bool, tries int) directStep {
	switch class := scenario.ClassOf(err); {
	case class == scenario.Rejected, class == scenario.NotFound, class == scenario.Forbidden, class == scenario.PlanLimit:
		return inParts
	case intended && (class == scenario.RateLimited || class == scenario.Refused):
		return queueAnew
	case intended:
		return lostAnswer
	case guard.Decide(err, tries) == guard.Retry:
		return sendAgain
	}
	return notNow
}

// Reasons for a direct request not to be finished.
var (
	errOtherBytes = errors.New("the bytes that were sent are not those that were hashed")
	errOffItsWay  = errors.New("the item was taken off its way")
)

// small sends the item's image the direct way, if that is open to it. done is false if it
// is to be sent in parts.
func (w *worker) small(ctx context.Context, s *sending, c ledger.Content, d *digest, want scenario.NewUpload) (done bool, err error) {
	if w.it.Reason != "" || w.it.Answer != ledger.NoAnswer { // else it is new
		try, err := w.Ledger.DirectTry(ctx, w.it.ID)
		if err != nil {
			return false, err
		}
		if try.Open { // the user said to send it
			return false, w.Ledger.CloseDirect(ctx, w.it)
		}
		if try.Made {
			return false, nil
		}
	}
	if !w.settings().Direct || s.plan.Parts != 1 || !goesDirect(w.rule, c.Kind, s.is, s.plan.Size) {
		return false, nil
	}
	may, first, err := w.direct.enter(s.plan.Size, func() (bool, error) { return w.Ledger.ListsAssets(ctx, c.Scope) })
	if err != nil || !may {
		return false, err
	}
	if first {
		defer w.direct.leave(none)
	}
	w.progress.doing(w.shown, "sending")
	return w.sendDirect(ctx, s, c, d, want, first)
}

func (w *worker) sendDirect(ctx context.Context, s *sending, c ledger.Content, d *digest, want scenario.NewUpload, first bool) (done bool, err error) {
	for tries := 1; ; tries++ {
		made, err := w.postImage(ctx, s, c, d, want)
		if err == nil {
			return true, w.directMade(ctx, made, first)
		}
		if ctx.Err() != nil {
			return true, ctx.Err()
		}
		intended := w.it.State == drop.Completing
		read, short := (*scenario.ReadError)(nil), (*scenario.SizeError)(nil)
		switch {
		case errors.Is(err, errOffItsWay):
			return true, nil
		case intended:
		case errors.Is(err, errOtherBytes):
			return true, w.bytesChanged(ctx)
		case errors.As(err, &read):
			return true, w.unreadable(ctx, read.Err)
		case errors.As(err, &short):
			return true, w.changed(ctx)
		}
		switch afterDirect(err, intended, tries) {
		case sendAgain:
		case queueAnew:
			return true, w.directFailed(ctx, true, "not-now", "Scenario did not take it at the moment; it is sent again.")
		case inParts:
			if !w.namesWhatIsGone(ctx, err, want.Options) {
				w.noDirect(err, s.plan.Size)
			}
			if !intended {
				return false, nil
			}
			return true, w.directFailed(ctx, false, "in-parts", "Scenario did not take it in one request; it is sent in parts.")
		case lostAnswer:
			w.Log.Warn("the answer to sending an image was lost; Scenario is asked whether it has it", "item", w.it.ID, "path", w.it.Path, "why", err)
			return true, w.settleDirect(ctx)
		default:
			return true, err
		}
	}
}

// postImage makes the request once. When it has written down the intent, the item is
// Completing.
func (w *worker) postImage(ctx context.Context, s *sending, c ledger.Content, d *digest, want scenario.NewUpload) (made *scenario.Asset, err error) {
	err = w.api.Once(ctx, func(ctx context.Context) (err error) {
		var sum hash.Hash
		if d == nil {
			sum = sha256.New()
		}
		body := &partBody{r: s.part(ctx, 0, s.plan.Size), sum: sum, shown: w.shown}
		made, err = w.API.CreateImage(ctx, scenario.NewImage{
			Name: want.FileName, ContentType: want.ContentType, Options: want.Options, Body: body, Size: s.plan.Size,
			Pace: func(r io.Reader) io.Reader { return w.storage.Limit(ctx, r) },
			BeforeLast: func() error {
				switch {
				case d == nil:
					c.SHA256 = sum.Sum(nil)
				case body.crc != d.parts[0]:
					return errOtherBytes
				}
				return w.intendDirect(ctx, s, c)
			},
		})
		if err != nil {
			w.shown.sent.Add(-body.read)
		}
		return err
	})
	return made, err
}

// intendDirect makes sure that the item's file is still what was sent and that nobody else
// makes an asset of its content, and writes down that an asset is about to come of it.
func (w *worker) intendDirect(ctx context.Context, s *sending, c ledger.Content) error {
	same, err := w.same(ctx, s.f, c.SHA256)
	if err == nil && !same {
		err = errOffItsWay
	}
	if err != nil {
		return err
	}
	u, who, err := w.Ledger.SentWhole(ctx, w.it, w.owner, ledger.Upload{Note: w.withoutParent}, c)
	switch {
	case err != nil:
		return err
	case !who.Mine():
		if _, err := w.claimContent(ctx, c); err != nil {
			return err
		}
		return errOffItsWay
	}
	w.it.State, w.it.Upload, w.it.SHA256 = drop.Completing, u, c.SHA256
	return nil
}

// directMade moves the item on with the asset that its request made. first tells that the
// direct way is to be proven by it.
func (w *worker) directMade(ctx context.Context, a *scenario.Asset, first bool) error {
	if a.Status == "error" {
		return w.end(ctx, drop.Failed, "refused", "Scenario could not use it.")
	}
	if first {
		w.prove(ctx, *a)
	}
	return w.assetMade(ctx, &scenario.Upload{EntityID: a.ID, CollectionIDs: a.CollectionIDs})
}

// directFailed queues the item, of whose direct request no asset came.
func (w *worker) directFailed(ctx context.Context, again bool, reason, detail string) error {
	if err := w.Ledger.DirectFailed(ctx, w.it, w.owner, again, reason, detail); err != nil {
		return err
	}
	w.it.State = drop.Queued
	w.Log.Info("file queued", "item", w.it.ID, "path", w.it.Path, "reason", reason, "why", detail)
	w.Wake()
	return nil
}

// namesWhatIsGone reports whether a 404 may be about what the image was to join or derive
// from, which says nothing of the direct way.
func (w *worker) namesWhatIsGone(ctx context.Context, err error, o *scenario.AssetOptions) bool {
	if scenario.ClassOf(err) != scenario.NotFound || o == nil {
		return false
	}
	if o.ParentID != "" {
		if gone, err := w.assetGone(ctx, o.ParentID); err != nil || gone {
			return true
		}
	}
	for _, id := range o.CollectionIDs {
		if err := w.ask(ctx, func(ctx context.Context) error {
			_, err := w.API.GetCollection(ctx, id)
			return err
		}); err != nil {
			return true
		}
	}
	return false
}

// noDirect learns from Scenario's no to the direct way.
func (w *worker) noDirect(err error, size int64) {
	e, _ := errors.AsType[*scenario.Error](err)
	switch {
	case e == nil:
	case e.Status == http.StatusRequestEntityTooLarge:
		w.direct.tooLarge(size)
	case e.Class == scenario.NotFound, e.Class == scenario.Forbidden, e.Status == http.StatusMethodNotAllowed:
		if w.direct.shut() {
			w.Log.Warn("Scenario does not take images in one request; they are sent in parts", "why", err)
		}
	}
}

// The proof that Scenario lists what the direct way makes: so often is looked, so far apart.
const (
	proofLooks = 5
	proofApart = time.Second
)

// prove looks whether the newest assets that Scenario lists have the one just made, by the
// name it was sent with. Only then is the direct way gone on with: a lost answer could not
// be settled otherwise.
func (w *worker) prove(ctx context.Context, made scenario.Asset) {
	why := error(nil)
	for look := range proofLooks {
		if look > 0 && !sleep(ctx, proofApart) {
			return
		}
		var page scenario.AssetPage
		if page, why = reconcile.Page(ctx, w.API, w.ask, scenario.AssetFilter{Newest: true}); why != nil {
			break
		}
		if !slices.ContainsFunc(page.Assets, func(a scenario.Asset) bool { return a.ID == made.ID && w.named(a) }) {
			continue
		}
		if err := w.Ledger.SetListsAssets(ctx, w.it.Scope, made.ID); err == nil {
			w.direct.leave(proven)
		}
		return
	}
	if ctx.Err() == nil && w.direct.shut() {
		w.Log.Warn("Scenario does not list an image that was sent in one request, so that a lost answer could not be settled; images are sent in parts",
			"asset", made.ID, "why", why)
	}
}

// named reports whether an asset has the name that the item's file was sent with.
func (w *worker) named(a scenario.Asset) bool {
	return norm.NFC.String(a.Name) == norm.NFC.String(fileName(w.it.Path))
}
