package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says what is wrong with a flag, in place of the library's words.
func flagError(cmd *cobra.Command, err error) error {
	help := "its flags: " + strings.TrimSuffix("scenario-drop help "+strings.TrimPrefix(cmd.CommandPath(), "scenario-drop"), " ")
	help = strings.Join(strings.Fields(help), " ")
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := "--" + e.GetSpecifiedName()
		if shorts := e.GetSpecifiedShortnames(); shorts != "" {
			name = "-" + e.GetSpecifiedName()
		}
		if near := nearestFlag(cmd, e.GetSpecifiedName()); near != "" {
			return usagef("there is no flag %s; did you mean --%s?", name, near)
		}
		return usagef("there is no flag %s; %s", name, help)
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("--%s needs a value: %s; %s", e.GetFlag().Name, wanted(e.GetFlag()), help)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if said, ok := errors.AsType[*exitError](err); ok { // a value of ours, with words of its own
			return said
		}
		return usagef("--%s must be %s, not %q; %s", e.GetFlag().Name, wanted(e.GetFlag()), e.GetValue(), help)
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return usagef("%q is no flag; %s", e.GetSpecifiedFlag(), help)
	}
	return usageError(fmt.Errorf("%w; %s", err, help))
}

// wanted is what a flag's value must be.
func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64", "uint", "uint64":
		return "a whole number, such as " + sampleValue(f, "50")
	case "duration":
		return "a time with its unit, such as " + sampleValue(f, "30s")
	case "bool":
		return "true or false"
	case "float64", "float32":
		return "a number, such as " + sampleValue(f, "0.5")
	}
	name, _ := pflag.UnquoteUsage(f)
	return "a " + strings.ToLower(name)
}

// sampleValue is a value that the flag takes: its default, if it has one.
func sampleValue(f *pflag.Flag, other string) string {
	if f.DefValue == "" || f.DefValue == "0" || f.DefValue == "0s" {
		return other
	}
	return f.DefValue
}

// nearestFlag is the flag that a mistyped one was probably to be; "" for none.
func nearestFlag(cmd *cobra.Command, typed string) string {
	near := ""
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if near == "" && len(typed) > 2 && !f.Hidden && (strings.HasPrefix(f.Name, typed) || strings.HasPrefix(typed, f.Name) || swapped(typed, f.Name)) {
			near = f.Name
		}
	})
	return near
}

// swapped reports whether two words differ by at most one letter more, less or other, or
// by two neighbours that changed places.
func swapped(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
