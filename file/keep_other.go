//go:build unix && !linux && !darwin

package file

func kept(string) bool { return false }
