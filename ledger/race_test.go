//go:build race

package ledger

// underRace shortens what the race detector slows down a hundredfold.
const underRace = true
