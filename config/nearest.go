package config

import "strings"

// nearest is the word closest to a mistyped one, "" when none is close: at most a
// third of its letters, and no more than three, are wrong. Case, and "-" for "_", do
// not count.
func nearest(typed string, words []string) string {
	typed = strings.ReplaceAll(strings.ToLower(typed), "-", "_")
	if len(typed) > 64 {
		return ""
	}
	best, minimum := "", 4
	for _, w := range words {
		allowed := max(1, len(w)/3)
		if d := distance(typed, strings.ReplaceAll(w, "-", "_")); d <= allowed && d < minimum {
			best, minimum = w, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out, replaced or swapped with
// their neighbour to get from a to b (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1)
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}
