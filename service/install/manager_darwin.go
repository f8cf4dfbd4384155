package install

import "os"

// StartedByManager reports whether launchd started this process as the service, whose
// stderr goes to a file that nobody turns: it is for failures to start and for crashes,
// and the daemon logs to a file of its own. launchd names the job to what it starts.
func StartedByManager() bool {
	return os.Getppid() == 1 && os.Getenv("XPC_SERVICE_NAME") == Label
}
