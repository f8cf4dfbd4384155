//go:build linux && race

package scenario

// raceEnabled says that the tests run under the race detector.
const raceEnabled = true
