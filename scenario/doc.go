// Package scenario speaks to Scenario: a typed client for the HTTP API (Client), and
// one for the storage that the bytes of files go to (Storage).
//
//	c, err := scenario.New(scenario.Options{BaseURL: …, Key: …, Secret: …})
//	s := scenario.NewStorage(scenario.StorageOptions{Connections: 8})
//	u, err := c.CreateUpload(ctx, scenario.NewUpload{…, Parts: 3})
//	for _, p := range u.Parts {
//		etag, err := s.PutPart(ctx, scenario.PutPart{URL: p.URL, Body: …, Size: …})
//	}
//	u, err = c.CompleteUpload(ctx, u.ID)
//	// GetUpload until u.Outcome() is Imported or Failed
//
// # Two clients
//
// The API key goes to the API host alone, so the two share nothing: not the
// connections, not the headers. Neither follows a redirect, keeps a cookie, or tries
// anything again by itself; whether and when to retry is the caller's business, and
// Error says what there is to know for it.
//
// # Errors
//
// What a server or the network did is an *Error with a Class. A context that ended is
// returned as that (errors.Is with context.Canceled works) and has no class. A file
// that is not what it was when its upload began is a *SizeError or a *ReadError. The
// text of every error is for people and holds no key, no part URL and no query string.
//
// # Tolerance
//
// The API grows: unknown fields and unknown values are let pass, numbers may be
// written as floats, and what is optional may be missing. It is strict only where
// going on would do harm: an upload without an id, parts that are not the ones asked
// for, a part URL that is not https, a record that is not the one asked for.
package scenario
