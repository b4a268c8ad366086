package app

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"hearth/internal/config"
)

// Run is the whole program: args without the program's name.
func Run(ctx context.Context, args []string, out Outside) error {
	root := &cobra.Command{
		Use:           "hearth",
		Short:         "Rooms where medication is welcome: find them, keep them, learn from them",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
	}
	root.SetArgs(args)
	root.SetIn(out.Stdin)
	root.SetOut(out.Stdout)
	root.SetErr(out.Stderr)
	for _, s := range config.Settings {
		usage := fmt.Sprintf("%s (%s)", s.Usage, config.Variable(s.Flag))
		root.PersistentFlags().String(s.Flag, s.Default, usage)
		if s.Default == "false" { // a switch: its name alone turns it on
			root.PersistentFlags().Lookup(s.Flag).NoOptDefVal = "true"
		}
	}
	root.PersistentFlags().SortFlags = false
	p := &program{out: out, root: root}
	root.AddCommand(p.serve(), p.demo(), p.feed(), p.find(), p.welcome(), p.admin(), p.keys(), p.audit(), p.backup(), p.restore(), p.doctor())
	sayUse(root)
	return root.ExecuteContext(ctx)
}

// sayUse has every command that is called with too much or too little say how it is called.
func sayUse(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) != nil {
				return fmt.Errorf("this is how it is called: %s", c.UseLine())
			}
			return nil
		}
	}
	for _, below := range c.Commands() {
		sayUse(below)
	}
}

// program is what the commands share.
type program struct {
	out  Outside
	root *cobra.Command
}

// config reads the settings from flags, variables and file.
func (p *program) config() (config.Config, error) {
	return config.Load(func(name string) (string, bool) {
		f := p.root.PersistentFlags().Lookup(name)
		if f == nil || !f.Changed {
			return "", false
		}
		return f.Value.String(), true
	}, p.out.Env)
}

// open opens the house for one command. The caller closes it.
func (p *program) open(ctx context.Context) (*House, error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	return Open(ctx, c, p.out)
}

func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "(unknown)"
}
