package file

// Answer is what a probe found out: yes, no, or that it cannot be told here.
type Answer uint8

// The answers of a probe. The zero value claims nothing.
const (
	CannotTell Answer = iota
	No
	Yes
)

// String is for logs and test output.
func (a Answer) String() string {
	switch a {
	case No:
		return "no"
	case Yes:
		return "yes"
	}
	return "cannot tell"
}
