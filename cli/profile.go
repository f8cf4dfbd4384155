package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// profiles are where a command writes what it cost, for `go tool pprof`.
type profiles struct {
	cpu, memory string // files; "" writes none
}

// addFlags adds the flags, which the help does not show.
func (p *profiles) addFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile to this `file`")
	f.StringVar(&p.memory, "memprofile", "", "write a memory profile to this `file`")
	for _, name := range []string{"cpuprofile", "memprofile"} {
		if err := f.MarkHidden(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
}

// around runs a command with the profiles asked for.
func (p *profiles) around(run func() error) (err error) {
	if p.cpu != "" {
		f, err := os.Create(p.cpu)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return fmt.Errorf("start the CPU profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	if p.memory != "" {
		defer func() { err = errors.Join(err, p.writeMemory()) }()
	}
	return run()
}

func (p *profiles) writeMemory() error {
	f, err := os.Create(p.memory)
	if err != nil {
		return err
	}
	runtime.GC() // so that what is garbage is not counted as held
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}
