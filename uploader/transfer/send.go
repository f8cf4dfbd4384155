package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// Upload is an upload at Scenario, and what is to be put into its parts.
type Upload struct {
	Source      Source
	Plan        Plan
	ContentType string
	URLs        *URLs
	Receipts    []Part  // of the parts that storage has already
	Digest      *Digest // of the source; nil: it is taken on the way
	Hooks       Hooks
}

// Part is the receipt of one part that storage has acknowledged.
type Part struct {
	Number int // from 1
	Size   int64
	CRC32C uint32 // of the bytes sent
	ETag   string
}

// Hooks are what is told of a transfer while it goes on, and what may end it.
type Hooks struct {
	// Begin is asked before each part. Its error ends the transfer.
	Begin func() error

	// Receipt writes down, durably, that storage has a part. nil: nobody needs to know.
	Receipt func(context.Context, Part) error

	// Moved is told how many bytes have been handed to the network; below 0, how many of
	// them are to be sent again. It must not block.
	Moved func(bytes int64)
}

// Errors that end a transfer, besides those of the source (as a *scenario.ReadError), of the hooks, of ctx and of
// requests (see guard.Decide).
var (
	ErrLost    = errors.New("the upload is not known to Scenario any more")
	ErrChanged = errors.New("the bytes that were sent are not those that were hashed")
)

// Storage puts single parts; it is a *guard.Storage.
type Storage interface {
	PutPart(ctx context.Context, p guard.Part) (etag string, err error)
}

// Send puts every part that there is no receipt of, and returns the SHA-256 of what storage has
// then. That is Digest's, if it is given; else one of a single part is taken of the bytes that
// were sent, and that of several parts by a pass of its own, which keeps step with them.
func Send(ctx context.Context, to Storage, u Upload) (sha256 []byte, err error) {
	t := &transfer{Upload: u, to: to, begun: newWatermark(), crcs: make([]uint32, u.Plan.Parts)}
	missing := t.missing()
	digest := u.Digest
	g, ctx := errgroup.WithContext(ctx)
	if t.sumOnTheWay = digest == nil && u.Plan.Parts == 1 && len(missing) == 1; digest == nil && !t.sumOnTheWay {
		digest = &Digest{}
		g.Go(func() (err error) {
			*digest, err = digestPass(ctx, u.Source, u.Plan, t.begun.wait)
			return err
		})
	}
	g.Go(func() error { return t.parts(ctx, g, missing) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if digest == nil {
		return t.sum, nil
	}
	for n, crc := range t.crcs {
		if crc != digest.Parts[n] {
			return nil, ErrChanged
		}
	}
	return digest.SHA256, nil
}

// transfer is a Send that goes on.
type transfer struct {
	Upload
	to          Storage
	begun       *watermark
	sumOnTheWay bool // of the bytes of the one part
	receipts    receipts

	mu   sync.Mutex
	crcs []uint32 // of the bytes sent, by part
	sum  []byte   // the SHA-256 of a single part
}

// missing takes the receipts, and returns the parts that there are none of.
func (t *transfer) missing() (parts []int) {
	has := make([]bool, t.Plan.Parts)
	for _, p := range t.Receipts {
		has[p.Number-1], t.crcs[p.Number-1] = true, p.CRC32C
		t.Hooks.Moved(p.Size)
	}
	for i, has := range has {
		if !has {
			parts = append(parts, i+1)
		}
	}
	return parts
}

// parts begins the missing parts, each once the one before it is let through to the network:
// so that a URL is not asked for long before its turn, and no more goroutines wait than
// there are files.
func (t *transfer) parts(ctx context.Context, g *errgroup.Group, missing []int) error {
	defer t.begun.pass(t.Plan.Parts)
	for i, n := range missing {
		upTo := t.Plan.Parts // those behind it that storage has are hashed with it
		if i+1 < len(missing) {
			upTo = missing[i+1] - 1
		}
		through := make(chan struct{})
		isThrough := sync.OnceFunc(func() { close(through) })
		g.Go(func() error {
			defer isThrough()
			return t.put(ctx, n, func() {
				t.begun.pass(upTo)
				isThrough()
			})
		})
		select {
		case <-through:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// maxRefused is after how many refusals of fresh URLs an upload counts as lost.
const maxRefused = 3

// errExpired says that a part's URL expired while its turn was waited for.
var errExpired = errors.New("the part's URL has expired")

// put sends one part until storage has acknowledged it, and writes that down. begins is
// called each time it is let through to the network.
func (t *transfer) put(ctx context.Context, n int, begins func()) error {
	if err := t.Hooks.Begin(); err != nil {
		return err
	}
	offset, length := t.Plan.Range(n)
	refused := 0
	for tries := 1; ; tries++ {
		url, fresh, err := t.URLs.get(ctx, n)
		if err != nil {
			return err
		}
		b := &body{ctx: ctx, source: t.Source, offset: offset, end: offset + length, moved: t.Hooks.Moved}
		if t.sumOnTheWay {
			b.sum = sha256.New()
		}
		written := func() {}
		etag, err := t.to.PutPart(ctx, guard.Part{URL: url, Size: length, ContentType: t.ContentType, Large: t.Plan.Parts > 1,
			Open: func(ctx context.Context) (io.ReadCloser, error) {
				if fresh && t.URLs.expired(n) {
					return nil, errExpired
				}
				if err := t.receipts.wait(ctx); err != nil {
					return nil, err
				}
				begins()
				return b, nil
			},
			Acknowledged: func() { written = t.receipts.begin() }})
		if err == nil {
			defer written()
			return t.has(ctx, Part{Number: n, Size: length, CRC32C: b.crc, ETag: etag}, b)
		}
		t.Hooks.Moved(-b.sent)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errExpired) {
			continue
		}
		switch guard.Decide(err, tries) {
		case guard.Retry:
		case guard.FreshURLs, guard.Gone: // the record says whether Scenario knows the upload
			if refused++; refused > maxRefused {
				if e, ok := errors.AsType[*scenario.Error](err); ok && e.Code == "" {
					// Nothing says that it is storage that refuses.
					return fmt.Errorf("send part %d: %w", n, err)
				}
				return ErrLost
			}
			t.URLs.refused(url)
		default:
			return fmt.Errorf("send part %d: %w", n, err)
		}
	}
}

// has takes a part's receipt, and what its body tells. It is written down even if the transfer
// has been told to end meanwhile: else the part would be sent a second time.
func (t *transfer) has(ctx context.Context, p Part, b *body) error {
	if t.Hooks.Receipt != nil {
		if err := t.Hooks.Receipt(context.WithoutCancel(ctx), p); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.crcs[p.Number-1] = p.CRC32C
	if b.sum != nil {
		t.sum = b.sum.Sum(nil)
	}
	return nil
}
