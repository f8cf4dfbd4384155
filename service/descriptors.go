package service

import (
	"context"
	"log/slog"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/logging"
	"scenario-drop/status"
)

// descriptorsEvery is how often it is asked whether files can be opened.
const descriptorsEvery = 2 * time.Second

// descriptorTrouble says that nothing can be opened at the moment; "" when it can.
func descriptorTrouble() string {
	if file.CanOpen() == nil {
		return ""
	}
	return status.Words(drop.TextNoDescriptors.With())
}

// watchDescriptors says in the log when nothing can be opened any more, and when it can again.
func watchDescriptors(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(descriptorsEvery)
	defer tick.Stop()
	var since time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch trouble := descriptorTrouble(); {
		case trouble != "" && since.IsZero():
			since = time.Now()
			log.Warn(trouble, logging.Failure("descriptors"))
		case trouble == "" && !since.IsZero():
			log.Info("files and connections can be opened again", logging.Recovery("descriptors"), "after", time.Since(since).Round(time.Second))
			since = time.Time{}
		}
	}
}
